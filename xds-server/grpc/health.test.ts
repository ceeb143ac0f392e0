// Health over a real connection: who watches hears of each change, and of the end.

import { Client, credentials, status } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { createTestConfig } from "../testing/config.ts";
import { createXdsServer } from "./server.ts";

const asItIs = (bytes: Buffer) => bytes;
const name = (text: string) => Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text)]);
const unknown = 0;
const serving = 1;
const notServing = 2;
const serviceUnknown = 3;

async function serve(t: ExecutionContext) {
  const config = createTestConfig();
  const server = createXdsServer({ port: config, authenticate: () => ({ ok: true }), identifier: "one" });
  t.teardown(() => server.close(0));
  const result = await server.listenPlaintext({ host: "127.0.0.1", port: 0 });
  if (!result.ok) throw new Error(result.message);
  const client = new Client(`127.0.0.1:${result.listener.address.port}`, credentials.createInsecure());
  t.teardown(() => client.close());
  const watch = (service: string) => {
    const call = client.makeServerStreamRequest(
      "/grpc.health.v1.Health/Watch",
      asItIs,
      asItIs,
      name(service),
    );
    const heard: number[] = [];
    const waiting: (() => void)[] = [];
    call.on("data", (bytes: Buffer) => {
      heard.push(bytes[1] ?? unknown);
      for (const wake of waiting.splice(0)) wake();
    });
    const ended = new Promise<number>((done) => {
      call.on("error", () => undefined).on("status", ({ code }) => done(code));
    });
    /** Resolves once that many answers came. */
    const answers = async (count: number) => {
      while (heard.length < count) await new Promise<void>((wake) => waiting.push(wake));
      return heard;
    };
    return { answers, heard, ended };
  };
  return { config, server, client, watch };
}

test("who watches is told at once, at the change, and at the end", async (t) => {
  const { config, server, watch } = await serve(t);
  config.isReady = false;
  const whole = watch("");
  const ads = watch("envoy.service.discovery.v3.AggregatedDiscoveryService");
  const nobody = watch("nothing");
  t.deepEqual(await whole.answers(1), [notServing]);
  t.deepEqual(await nobody.answers(1), [serviceUnknown]);
  config.isReady = true;
  t.deepEqual(await whole.answers(2), [notServing, serving]);
  t.deepEqual(await ads.answers(2), [notServing, serving]);
  const closed = server.close(0);
  t.is(await whole.ended, status.UNAVAILABLE);
  t.is(await nobody.ended, status.UNAVAILABLE);
  t.deepEqual(whole.heard, [notServing, serving, notServing]);
  t.deepEqual(nobody.heard, [serviceUnknown]);
  await closed;
});

test("the list names what there is, with the server as a whole", async (t) => {
  const { client } = await serve(t);
  const bytes = await new Promise<Buffer>((done, failed) => {
    client.makeUnaryRequest(
      "/grpc.health.v1.Health/List",
      asItIs,
      asItIs,
      Buffer.alloc(0),
      (error, answer) => (error || !answer ? failed(error) : done(answer)),
    );
  });
  const text = bytes.toString("latin1");
  for (const service of [
    "envoy.service.discovery.v3.AggregatedDiscoveryService",
    "envoy.service.status.v3.ClientStatusDiscoveryService",
    "grpc.health.v1.Health",
  ]) {
    // Each is followed by its response, whose one field is the status.
    t.true(text.includes(`${service}\x12\x02\x08\x01`), service);
  }
  t.true(text.includes("\x0a\x00\x12\x02\x08\x01"));
});
