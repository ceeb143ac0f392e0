// How the questions of `traffic-policy.test.ts` are asked through real sidecars.

import { connect, type OutgoingHttpHeaders } from "node:http2";
import { ports as addresses } from "../end-to-end/cast.ts";
import type { Mesh } from "../end-to-end/mesh.ts";
import type { Response } from "../envoy/index.ts";
import { settingsSeen } from "./cluster-settings.ts";
import type { Account } from "./frank-server.ts";
import type { Wish } from "./made-up-traffic.ts";

const timeoutMs = 2000;
let asked = 0;

interface Sending {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
}

/** Status 0: nothing came back. */
function send(mesh: Mesh, wish: Wish, { headers: more = {}, query = "" }: Sending = {}): Promise<Response> {
  const { client, authority, port, subset, speaks } = wish;
  const headers = { ...(subset && { "x-subset": subset }), ...more };
  const host = `${authority}:${port}`;
  const answer =
    speaks === "1.1"
      ? mesh.call(client.name, `http://${host}/${query}`, { headers, timeoutMs })
      : sendHttp2(`http://${mesh.address(client.name)}:${addresses.proxy}`, {
          ...headers,
          ":authority": host,
          ":path": `/${query}`,
        });
  return answer.catch(() => ({ status: 0, headers: {}, body: "" }));
}

function sendHttp2(proxy: string, request: OutgoingHttpHeaders): Promise<Response> {
  const session = connect(proxy);
  return new Promise<Response>((resolve, reject) => {
    session.once("error", reject);
    session.setTimeout(timeoutMs, () => session.destroy(new Error("no answer in time")));
    const stream = session.request(request);
    let [status, body, headers]: [number, string, Response["headers"]] = [0, "", {}];
    stream.once("error", reject);
    stream.on("data", (chunk: Buffer) => {
      body += chunk;
    });
    stream.once("response", ({ ":status": said = 0, ...more }) => {
      status = said;
      headers = more as Response["headers"];
    });
    stream.once("close", () => resolve({ status, headers, body }));
  }).finally(() => session.destroy());
}

/** What a server of ours answered, else undefined. */
function accountOf({ headers, body }: Response): Account | undefined {
  return headers["x-server"] === undefined ? undefined : JSON.parse(body);
}

async function call(mesh: Mesh, wish: Wish) {
  const answer = await send(mesh, wish);
  const account = accountOf(answer);
  if (!account) return { status: answer.status };
  const [cookie] = answer.headers["set-cookie"] ?? [];
  const said = cookie?.split("; ").filter((part) => part !== "HttpOnly");
  return {
    status: answer.status,
    ...account,
    cookie: said?.map((part, index) => (index === 0 ? part.split("=")[0] : part)).join("; "),
  };
}

async function keys(mesh: Mesh, wish: Wish) {
  const distinct = new Set<unknown>();
  const others = new Set<unknown>();
  const all = new Set<number>();
  const keyed = async (value: string) => {
    const by = {
      header: { headers: { "x-user": value } },
      query: { query: `?user=${value}` },
      cookie: { headers: { cookie: `user=${value}` } },
    };
    const { status, headers } = await send(mesh, wish, by[wish.key]);
    all.add(status);
    return headers["x-server"];
  };
  const same = `same-${asked++}`;
  for (let each = 0; each < 8; each++) {
    distinct.add(await keyed(same));
    others.add(await keyed(`other-${asked++}`));
  }
  const status = [...all].join();
  if (status !== "200") return { status: Number(status) };
  const counted = ({ size }: Set<unknown>) => (size === 1 ? "one" : "several");
  return { status: 200, sameKey: counted(distinct), otherKeys: counted(others) };
}

function clusterOf({ port, subset, service }: Wish): string {
  return `outbound|${port}|${subset ?? ""}|${service.host}`;
}

async function settings(mesh: Mesh, wish: Wish) {
  return (await settingsSeen(mesh.envoy(wish.client.name), clusterOf(wish))) ?? { status: 503 };
}

export const asking = { call, keys, settings };
