// The running control plane: watch → understand → compile → stream. The only place where all the parts meet.

import { resolve } from "node:path";
import { lifetimesInUse, type MeshConfig, renderDiagnostics } from "#compiler";
import { type Source, type SourceChange, watchFolders } from "#sources";
import {
  createTurns,
  createXdsServer,
  type HostPort,
  type StatusEvent,
  type XdsServer,
  type XdsServerOptions,
} from "#xds-server";
import type { Authority } from "./authority.ts";
import { changedObjects } from "./changed-objects.ts";
import { type Clients, createClients } from "./clients.ts";
import { logDiagnostics, newAmong } from "./diagnostics-log.ts";
import { type HttpPages, type HttpServer, startHttp } from "./http.ts";
import { watchLifetimes } from "./lifetimes.ts";
import type { Logger } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { createRehearsal } from "./rehearsal.ts";
import { createStaleSources } from "./stale-sources.ts";
import { changeWorld, emptyWorld, fileNamed, textOf, type World, type WorldChange } from "./world.ts";

export interface ControlPlaneOptions {
  /** Paths, or what has begun to read them: it is closed with the rest. */
  readonly folders: readonly string[] | Source;
  readonly meshConfigFile?: string;
  /** Plain-text xDS on loopback; absent: not served. */
  readonly xds?: HostPort;
  readonly xdsTls?: HostPort;
  readonly http?: HostPort;
  /** Settings of the xDS server that differ from its defaults. */
  readonly xdsServer?: Pick<XdsServerOptions, "keepaliveMs" | "keepaliveTimeoutMs">;
  readonly version: string;
  /** Default true: a change goes to one proxy first, and to the others on its ACK. */
  readonly canary?: boolean;
  readonly log: Logger;
  /** Opened once the mesh config is known, because identities carry its trust domain. */
  openAuthority(config: MeshConfig, world: World): Promise<Authority>;
  readonly onStatus?: (event: StatusEvent) => void;
  /** After each change has begun to be handed to the streams. */
  readonly onChange?: (change: AppliedChange) => void;
}

export interface AppliedChange {
  readonly files: readonly string[];
  readonly world: World;
  readonly previous: World;
  /** When it was taken up, of `performance.now()`. */
  readonly startedAt: number;
  /** Until the first proxy that is concerned was being sent it. */
  readonly tookMs: number;
}

export interface ControlPlane {
  readonly xds?: HostPort;
  readonly xdsTls?: HostPort;
  readonly http?: HostPort;
  readonly server: XdsServer;
  readonly clients: Clients;
  readonly metrics: Metrics;
  world(): World;
  close(drainMs?: number): Promise<void>;
}

/** Resolves when every port is open and the first reading of all files is served. Throws when a port cannot be had. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const opened: (() => unknown)[] = [];
  try {
    return await start(options, opened);
  } catch (error) {
    // What is open already would keep the process alive.
    await Promise.all(opened.map((close) => close()));
    throw error;
  }
}

/** `onFailure` collects how to close what is open so far. */
async function start(options: ControlPlaneOptions, onFailure: (() => unknown)[]): Promise<ControlPlane> {
  const { log } = options;
  const metrics = createMetrics(options.version);
  let world = emptyWorld();
  let ready = false;
  let ending = false;
  let authority: Authority | undefined;
  const early: WorldChange[] = [];
  const lifetimes = watchLifetimes({
    mesh: () => world.compiled.mesh,
    now: Date.now,
    say: (warnings) => logDiagnostics(log, warnings, world),
  });
  onFailure.push(lifetimes.close);

  /** `changedAt`: when the first of it was noticed, in ms since 1970. */
  const apply = (change: WorldChange, changedAt: number): void => {
    if (!ready) {
      early.push(change);
      return;
    }
    const startedAt = performance.now();
    const previous = world;
    world = changeWorld(world, change);
    metrics.compiled((performance.now() - startedAt) / 1000);
    const now = world;
    let pushedAt = startedAt;
    // In line before the other proxies' turns: it is done while the first one tries the change.
    setImmediate(() => tell(change, { previous, world: now, startedAt, tookMs: pushedAt - startedAt }));
    clients?.push(changedAt);
    pushedAt = performance.now();
  };

  /** What there is to be said and counted of a change, and to be made ready for the next. */
  const tell = (change: WorldChange, applied: Omit<AppliedChange, "files">): void => {
    const { previous, world: now, tookMs } = applied;
    metrics.services(now.compiled.mesh.services.length);
    countChange(metrics, change, previous, now);
    const files = [...change.upserted.map(({ name }) => name), ...change.removed];
    if (change.meshConfig) files.push(change.meshConfig.name);
    logChange(log, files, previous, now, tookMs);
    lifetimes.look();
    rehearsal.prepare(world.compiled.mesh);
    options.onChange?.({ ...applied, files });
  };

  const { folders } = options;
  const policy = "start" in folders ? folders : watchFolders(folders);
  const settings = options.meshConfigFile ? watchFolders([options.meshConfigFile]) : undefined;
  onFailure.push(
    () => policy.close(),
    () => settings?.close(),
  );
  const stale = createStaleSources(log, metrics, Date.now);
  // The settings may lie among the policy files: they are not policy.
  const settingsFile = options.meshConfigFile && resolve(options.meshConfigFile);
  const isPolicy = (name: string) => resolve(name) !== settingsFile;
  const apart = ({ upserted, removed, noticedAt, readAt }: SourceChange): void => {
    metrics.debounced((readAt - noticedAt) / 1000);
    const change = {
      upserted: upserted.filter(({ name }) => isPolicy(name)),
      removed: removed.filter(isPolicy),
    };
    if (change.upserted.length + change.removed.length > 0) apply(change, noticedAt);
  };
  const texts = (await policy.start(apart, stale.onProblem, stale.onRecovered)).filter(({ name }) =>
    isPolicy(name),
  );
  const configTexts = await settings?.start(
    ({ upserted, noticedAt, readAt }) => {
      const [meshConfig] = upserted;
      metrics.debounced((readAt - noticedAt) / 1000);
      if (meshConfig) apply({ upserted: [], removed: [], meshConfig }, noticedAt);
    },
    stale.onProblem,
    stale.onRecovered,
  );
  const [meshConfig] = configTexts ?? [];
  let clients: Clients | undefined;
  const rehearsal = createRehearsal({
    identities: [...(options.xdsTls ? [true] : []), ...(options.xds ? [false] : [])],
  });
  world = changeWorld(world, { upserted: texts, removed: [], ...(meshConfig ? { meshConfig } : {}) });
  metrics.services(world.compiled.mesh.services.length);
  metrics.changed(changedObjects([], world.files), false);
  logDiagnostics(log, world.diagnostics, world);
  lifetimes.look();
  if (options.meshConfigFile && !world.config) {
    // Defaults would change the trust domain, and with it every identity, behind the user's back.
    const why = renderDiagnostics(world.configDiagnostics, { source: (file) => textOf(world, file) });
    throw new SettingsRefused(`cannot start without the mesh config ${options.meshConfigFile}\n${why}`);
  }

  const opened = await options.openAuthority(world.compiled.mesh.config, world);
  authority = opened;
  onFailure.push(() => opened.close());
  const turns = createTurns();
  clients = createClients({
    authority: opened,
    log,
    metrics,
    turns,
    mesh: () => (ready ? world.compiled.mesh : undefined),
    onFirst: () => rehearsal.end(),
    ...(options.onStatus ? { onStatus: options.onStatus } : {}),
  });
  ready = true;
  for (const change of early.splice(0)) apply(change, Date.now());

  const server = createXdsServer({
    ...options.xdsServer,
    port: clients.port,
    turns,
    authenticate: opened.authenticate,
    identifier: `fairlead-${options.version}`,
    ...(options.canary === false ? { session: { canaryWaitMs: 0 } } : {}),
  });
  onFailure.push(() => server.close(0));
  metrics.lifetimesFrom(() => lifetimesInUse(world.compiled.mesh));
  metrics.authorityEnds(opened.expiry);
  metrics.quarantineFrom(() => server.quarantine().map(({ typeUrl }) => typeUrl));
  const ports = await openPorts(server, opened, options);
  rehearsal.prepare(world.compiled.mesh);
  const http = options.http
    ? await openHttp(options.http, {
        // Whoever sends proxies here must stop before their streams end.
        ready: () => ready && !ending,
        staleSources: stale.list,
        metrics,
        server,
        clients,
        world: () => world,
        version: options.version,
      })
    : undefined;
  for (const [name, at] of Object.entries({ ...ports, http: http?.address })) {
    if (at) log.info({ scope: "server", address: `${at.host}:${at.port}` }, `listening: ${name}`);
  }
  return {
    ...ports,
    ...(http ? { http: http.address } : {}),
    server,
    clients,
    metrics,
    world: () => world,
    close: (drainMs = 0) => {
      ending = true;
      rehearsal.end();
      lifetimes.close();
      return closeAll({ policy, settings, server, http, authority }, drainMs);
    },
  };
}

/** After the push, which it must not hold up. */
function countChange(metrics: Metrics, change: WorldChange, before: World, after: World): void {
  const names = [...new Set([...change.upserted.map(({ name }) => name), ...change.removed])];
  const concerned = ({ files }: World) => names.flatMap((name) => fileNamed(files, name) ?? []);
  metrics.changed(changedObjects(concerned(before), concerned(after)), true);
  if (change.meshConfig) metrics.trigger("global");
}

async function openPorts(
  server: XdsServer,
  authority: Authority,
  options: ControlPlaneOptions,
): Promise<Pick<ControlPlane, "xds" | "xdsTls">> {
  const plain = options.xds && (await server.listenPlaintext(options.xds));
  if (plain && !plain.ok) throw new PortUnavailable(`xDS port: ${plain.message}`);
  const tls = options.xdsTls && (await server.listenTls(options.xdsTls, authority.serving()));
  if (tls && !tls.ok) throw new PortUnavailable(`xDS TLS port: ${tls.message}`);
  if (tls) {
    const { listener } = tls;
    authority.onServingChanged(() => listener.replaceCertificates(authority.serving()));
  }
  return {
    ...(plain ? { xds: plain.listener.address } : {}),
    ...(tls ? { xdsTls: tls.listener.address } : {}),
  };
}

async function openHttp(at: HostPort, pages: HttpPages): Promise<HttpServer> {
  try {
    return await startHttp(at, pages);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PortUnavailable(`HTTP port: cannot listen on ${at.host}:${at.port}: ${why}`);
  }
}

/** The mesh config file is missing or has errors: the user's to solve. */
export class SettingsRefused extends Error {}

/** A port that somebody else has, or that may not be opened: the user's to solve. */
export class PortUnavailable extends Error {}

async function closeAll(
  parts: {
    readonly policy: { close(): Promise<void> };
    readonly settings: { close(): Promise<void> } | undefined;
    readonly server: XdsServer;
    readonly http: HttpServer | undefined;
    readonly authority: Authority | undefined;
  },
  drainMs: number,
): Promise<void> {
  await Promise.all([parts.policy.close(), parts.settings?.close()]);
  await parts.server.close(drainMs);
  await parts.http?.close();
  parts.authority?.close();
}

function logChange(log: Logger, files: readonly string[], before: World, after: World, tookMs: number): void {
  const shown =
    files.length > 5 ? `${files.slice(0, 5).join(", ")} and ${files.length - 5} more` : files.join(", ");
  log.info({ scope: "model", ms: Math.round(tookMs * 10) / 10 }, `changed: ${shown}`);
  logDiagnostics(log, newAmong(after.diagnostics, before.diagnostics), after);
  const heldBefore = new Set(before.held.map(nameHeld));
  for (const each of after.held) {
    const { file, line } = each.because.position;
    if (heldBefore.has(nameHeld(each))) continue;
    log.warn({ scope: "model" }, `${nameHeld(each)} stays as it was until ${file}:${line} agrees with it`);
  }
}

function nameHeld({ kind, namespace, name }: World["held"][number]): string {
  return `${kind} ${namespace}/${name}`;
}
