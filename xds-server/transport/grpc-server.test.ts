// Calls over real connections, from clients that do what HTTP/2 and gRPC allow and from some that do not.

import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import net, { type AddressInfo, type Socket } from "node:net";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { Message } from "../cache/wire.ts";
import type { Call } from "./call.ts";
import { GrpcServer, type GrpcServerSettings } from "./grpc-server.ts";
import { unary } from "./unary.ts";

const asItIs = (bytes: Buffer) => bytes;
const patient: GrpcServerSettings = {
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 60_000,
  maxIdleMs: 60_000,
  maxAgeGraceMs: 60_000,
  maxMessageBytes: 1_000,
  onFailure: () => {},
};

const echo = unary((request) => ({ message: new Message([request]) }));

async function serve(
  t: ExecutionContext,
  methods: Readonly<Record<string, (call: Call) => void>>,
  settings: Partial<GrpcServerSettings> = {},
) {
  const grpc = new GrpcServer(new Map(Object.entries(methods)), { ...patient, ...settings });
  const sockets: Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    grpc.accept(socket);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.teardown(() => {
    grpc.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  t.teardown(() => client.close());
  const raw = (): ClientHttp2Session => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on("error", () => undefined);
    t.teardown(() => session.destroy());
    return session;
  };
  return { grpc, client, raw, port, sockets };
}

const call = { ":method": "POST", ":path": "/a/b", "content-type": "application/grpc", te: "trailers" };

function ask(client: Client, path: string, request: Buffer, options = {}) {
  return new Promise<{ readonly code: number; readonly details: string; readonly answer?: Buffer }>((done) =>
    client.makeUnaryRequest(path, asItIs, asItIs, request, new Metadata(), options, (error, answer) =>
      done(
        error
          ? { code: error.code, details: error.details }
          : { code: 0, details: "", ...(answer && { answer }) },
      ),
    ),
  );
}

/** Headers, trailers and how it closed. */
async function outcomeOf(session: ClientHttp2Session, headers: object, body?: Buffer) {
  const stream = session.request({ ...headers } as never);
  const got: Record<string, unknown> = {};
  const keep = (some: object) => Object.assign(got, some);
  stream
    .on("response", keep)
    .on("trailers", keep)
    .on("error", () => undefined);
  stream.on("data", () => undefined);
  stream.end(body);
  await once(stream, "close");
  return got;
}

test("a question is answered, and a call of a method that is not there is told so", async (t) => {
  const { client } = await serve(t, { "/a/b": echo });
  const { answer } = await ask(client, "/a/b", Buffer.from("hello"));
  t.is(answer?.toString(), "hello");
  t.deepEqual(await ask(client, "/a/c", Buffer.from("hello")), {
    code: status.UNIMPLEMENTED,
    details: "there is no method /a/c",
  });
});

test("an empty message is one, and no message at all is a mistake", async (t) => {
  const { client, raw } = await serve(t, { "/a/b": echo });
  t.is((await ask(client, "/a/b", Buffer.alloc(0))).answer?.byteLength, 0);
  t.like(await outcomeOf(raw(), call), { "grpc-status": "3", "grpc-message": "there is no request" });
});

test("a message that ends in the middle is a mistake", async (t) => {
  const { raw } = await serve(t, { "/a/b": echo });
  t.like(await outcomeOf(raw(), call, Buffer.from([0, 0, 0, 0, 9, 1])), {
    "grpc-status": "3",
    "grpc-message": "the stream ended in the middle of a message",
  });
});

test("what is no gRPC is answered in HTTP's own words", async (t) => {
  const { raw } = await serve(t, { "/a/b": echo });
  const session = raw();
  t.like(await outcomeOf(session, { ...call, ":method": "PUT" }), { ":status": 405 });
  t.like(await outcomeOf(session, { ...call, "content-type": "application/json" }), { ":status": 415 });
  t.like(await outcomeOf(session, { ...call, "content-type": "application/grpc-web" }), { ":status": 415 });
  t.like(await outcomeOf(session, { ...call, "content-type": "application/grpc+proto" }), { ":status": 200 });
});

test("a request that is too large is refused, and the connection lives on", async (t) => {
  const { client } = await serve(t, { "/a/b": echo });
  const { code } = await ask(client, "/a/b", Buffer.alloc(5_000_000));
  t.is(code, status.RESOURCE_EXHAUSTED);
  t.is((await ask(client, "/a/b", Buffer.from("x"))).answer?.toString(), "x");
});

test("the reason arrives as it was given, whatever is in it", async (t) => {
  const details = 'no "ä" at 100 %\nbut 漢';
  const { client } = await serve(t, { "/a/b": unary(() => ({ refusal: { code: "NOT_FOUND", details } })) });
  t.deepEqual(await ask(client, "/a/b", Buffer.alloc(1)), { code: status.NOT_FOUND, details });
});

test("a reason that is cut in the middle of a character arrives as well", async (t) => {
  const details = "half a \ud83d";
  const { client } = await serve(t, { "/a/b": unary(() => ({ refusal: { code: "NOT_FOUND", details } })) });
  t.deepEqual(await ask(client, "/a/b", Buffer.alloc(1)), {
    code: status.NOT_FOUND,
    details: "half a \ufffd",
  });
});

test("large parts are sent as they lie there, between small ones, in order", async (t) => {
  const parts = [Buffer.from("begin"), Buffer.alloc(300_000, 1), Buffer.alloc(40_000, 2), Buffer.from("end")];
  const { client } = await serve(t, { "/a/b": unary(() => ({ message: new Message(parts) })) });
  const { answer } = await ask(client, "/a/b", Buffer.alloc(1));
  t.true(answer?.equals(Buffer.concat(parts)));
});

test("a mistake of ours ends the call that it shows on, and is told", async (t) => {
  const told: unknown[] = [];
  const mistake = new Error("secret");
  const fail = () => {
    throw mistake;
  };
  const methods = { "/a/begins": fail, "/a/hears": unary(fail), "/a/b": echo };
  const { client } = await serve(t, methods, { onFailure: (error) => told.push(error) });
  for (const path of ["/a/begins", "/a/hears"]) {
    t.deepEqual(await ask(client, path, Buffer.alloc(1)), {
      code: status.INTERNAL,
      details: "the server failed",
    });
  }
  t.deepEqual(told, [mistake, mistake]);
  t.is((await ask(client, "/a/b", Buffer.from("x"))).answer?.toString(), "x");
});

test("a call whose time is up ends, and its server hears of it", async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { raw } = await serve(t, {
    "/a/b": (each) => each.listen({ message: () => {}, halfClosed: () => {}, closed: resolve }),
  });
  const { "grpc-status": code } = await outcomeOf(raw(), { ...call, "grpc-timeout": "50m" });
  t.is(code, String(status.DEADLINE_EXCEEDED));
  t.is(await promise, "ended");
});

test("while a call is paused nothing is delivered, also of what came in one piece; then all of it in order", async (t) => {
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const { raw } = await serve(t, {
    "/a/b": (each) =>
      each.listen({
        message: (bytes) => {
          heard.push(bytes.toString());
          each.pause();
          setTimeout(() => {
            heard.push("resumed");
            each.resume();
          }, 20);
        },
        halfClosed: () => {
          heard.push("half closed");
          each.end("OK");
          resolve();
        },
        closed: () => {},
      }),
  });
  const messages = ["1", "2", "3"].map((text) => Buffer.from([0, 0, 0, 0, 1, text.charCodeAt(0)]));
  await outcomeOf(raw(), call, Buffer.concat(messages));
  await promise;
  t.deepEqual(heard, ["1", "resumed", "2", "resumed", "3", "resumed", "half closed"]);
});

test("a client that goes on talking after its call has a status is reset in the end", async (t) => {
  const { raw } = await serve(t, { "/a/b": (each) => each.end("NOT_FOUND", "no") });
  const stream = raw().request(call);
  stream.on("error", () => undefined).on("data", () => undefined);
  const [headers] = await once(stream, "response");
  t.is(headers["grpc-status"], String(status.NOT_FOUND));
  await once(stream, "close");
  t.is(stream.rstCode, 0);
});

test("a client that resets its call is heard of once; what is written after that goes nowhere", async (t) => {
  const closed: string[] = [];
  const { promise, resolve } = Promise.withResolvers<Call>();
  const { client } = await serve(t, {
    "/a/b": (each) =>
      each.listen({
        message: () => stream.cancel(),
        // Some clients say that they have nothing more to say before they reset.
        halfClosed: () => {},
        closed: (how) => {
          closed.push(how);
          resolve(each);
        },
      }),
  });
  const stream = client.makeBidiStreamRequest("/a/b", asItIs, asItIs);
  stream.on("error", () => undefined);
  stream.write(Buffer.from("1"));
  const over = await promise;
  t.true(over.isOver);
  over.write(new Message([Buffer.from("2")]), () => t.fail());
  over.end("OK");
  await new Promise((done) => setTimeout(done, 20));
  t.deepEqual(closed, ["reset"]);
});

test("a connection that is cut ends its calls", async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { raw } = await serve(t, {
    "/a/b": (each) => each.listen({ message: () => {}, halfClosed: () => {}, closed: resolve }),
  });
  const session = raw();
  const stream = session.request(call);
  stream.on("error", () => undefined);
  await once(session, "remoteSettings");
  session.socket.destroy();
  t.regex(await promise, /reset|ended/);
});

test("a client that does not answer when asked whether it is there is cut", async (t) => {
  const { port, sockets } = await serve(t, { "/a/b": echo }, { keepaliveMs: 30, keepaliveTimeoutMs: 50 });
  const deaf = net.connect(port, "127.0.0.1");
  t.teardown(() => deaf.destroy());
  deaf.on("error", () => undefined).resume();
  // The preface and empty settings, and then silence.
  deaf.write(
    Buffer.concat([
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      Buffer.from("000000040000000000", "hex"),
    ]),
  );
  const started = performance.now();
  await once(deaf, "close");
  t.true(performance.now() - started < 5_000);
  t.true(sockets[0]?.destroyed);
});

test("a client that answers stays, however often it is asked", async (t) => {
  const { raw } = await serve(t, { "/a/b": echo }, { keepaliveMs: 10, keepaliveTimeoutMs: 1_000 });
  const session = raw();
  let asked = 0;
  await new Promise<void>((done) => {
    session.on("ping", () => {
      asked += 1;
      if (asked === 5) done();
    });
  });
  t.false(session.destroyed);
  t.like(await outcomeOf(session, call, Buffer.from([0, 0, 0, 0, 1, 7])), { "grpc-status": "0" });
});

test("a connection without a call is ended, and one with a call is not", async (t) => {
  const { raw } = await serve(
    t,
    { "/a/b": (each) => each.listen({ message: () => {}, halfClosed: () => {}, closed: () => {} }) },
    { maxIdleMs: 500 },
  );
  const [idle, busy] = [raw(), raw()];
  const stream = busy.request(call);
  stream.on("error", () => undefined);
  await once(idle, "close");
  t.false(busy.destroyed);
  stream.close();
  await once(busy, "close");
  t.pass();
});

test("an old connection takes no further calls, and those it has are cut after a while", async (t) => {
  const { raw } = await serve(
    t,
    { "/a/b": (each) => each.listen({ message: () => {}, halfClosed: () => {}, closed: () => {} }) },
    { maxAgeMs: 30, maxAgeGraceMs: 50 },
  );
  const session = raw();
  const stream = session.request(call);
  stream.on("error", () => undefined);
  await once(session, "goaway");
  await once(stream, "close");
  t.true(session.closed);
});
