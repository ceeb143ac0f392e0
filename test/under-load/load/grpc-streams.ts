// gRPC streams that stay open: each sends a message now and then and expects it back. A stream that ends is a cut, and is
// opened again.

import { type ChannelOptions, Client, type ClientDuplexStream, credentials } from "@grpc/grpc-js";
import { echoService } from "../mesh/backends.ts";
import { cut, type Flow, fail, newTally, patience, steadily } from "./tally.ts";

export interface GrpcStreamsOptions {
  readonly name: string;
  /** As in `FlowTally`. */
  readonly listeners: readonly string[];
  readonly streams: number;
  /** Messages per second on each. */
  readonly perSecond: number;
  readonly host: string;
  readonly port: number;
  readonly authority: string;
}

const { path, requestSerialize, responseDeserialize } = echoService.chat;

export function startGrpcStreams(options: GrpcStreamsOptions): Flow {
  const { name, streams, perSecond, host, port, authority } = options;
  const tally = newTally(name, options.listeners);
  let stopping = false;
  const one = () => {
    const settings: ChannelOptions = {
      "grpc.default_authority": authority,
      // A connection of its own for each, so that cuts are counted one by one.
      "grpc.use_local_subchannel_pool": 1,
      "grpc.enable_channelz": 0,
      "grpc.initial_reconnect_backoff_ms": 100,
    };
    const client = new Client(`${host}:${port}`, credentials.createInsecure(), settings);
    let call: ClientDuplexStream<Buffer, Buffer> | undefined;
    let awaited: (() => void) | undefined;
    const open = () => {
      tally.opened++;
      const made = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
      call = made;
      made.on("data", () => {
        tally.ok++;
        awaited?.();
      });
      made.once("error", (error) => {
        if (call === made) call = undefined;
        awaited?.();
        if (!stopping) cut(tally, error.message);
      });
      made.once("end", () => {
        if (call === made) call = undefined;
        awaited?.();
        if (!stopping) cut(tally, "ended");
      });
      return made;
    };
    const sending = steadily(perSecond, async () => {
      if (awaited) return;
      const stream = call ?? open();
      await new Promise<void>((done) => {
        const cancel = patience(() => {
          fail(tally, "no echo in time");
          awaited?.();
        });
        awaited = () => {
          cancel();
          awaited = undefined;
          done();
        };
        stream.write(Buffer.from("ping"));
      });
    });
    return async () => {
      await sending.stop();
      call?.end();
      client.close();
    };
  };
  const stops = Array.from({ length: streams }, one);
  return {
    tally,
    async stop() {
      stopping = true;
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
