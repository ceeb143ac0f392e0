// What Envoy refuses in route tables.

import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import {
  RouteActionSchema,
  WeightedClusterSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { refusal } from "./refusal.ts";

/** Domains are compared in lower case, across all virtual hosts of a table; one repeated refuses the whole table. */
const uniqueDomains = refusal(RouteConfigurationSchema, ({ virtualHosts }, walk) => {
  const owners = new Map<string, string>();
  virtualHosts.forEach(({ name, domains }, hostIndex) => {
    domains.forEach((domain, domainIndex) => {
      const key = domain.toLowerCase();
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, name);
      else {
        const message = `repeats the domain ${domain} of the virtual host ${owner}`;
        walk.report(message, "virtual_hosts", hostIndex, "domains", domainIndex);
      }
    });
  });
});

const maxWeight = 0xffff_ffff;

const weights = refusal(WeightedClusterSchema, ({ clusters }, walk) => {
  const sum = clusters.reduce((total, { weight }) => total + (weight ?? 0), 0);
  if (sum === 0) walk.report("must have weights that add up to more than 0", "clusters");
  if (sum > maxWeight) walk.report(`must have weights that add up to at most ${maxWeight}`, "clusters");
});

const oneRewrite = refusal(RouteActionSchema, (action, walk) => {
  const ways = [action.prefixRewrite !== "", action.regexRewrite, action.pathRewritePolicy].filter(Boolean);
  if (ways.length > 1)
    walk.report("must have only one of prefix_rewrite, regex_rewrite, path_rewrite_policy");
});

export const routeRefusals = [uniqueDomains, weights, oneRewrite];
