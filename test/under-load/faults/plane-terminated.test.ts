// The control plane is told to end while hundreds of streams are open: a rolling update. It is gone in time, its proxies
// arrive at the other replica one after the other, and the mesh notices nothing.

import test from "ava";
import { request } from "../../envoy/index.ts";
import { densest, startFleet } from "../load/fleet.ts";
import { idle, losses } from "../load/losses.ts";
import { addressOf, ports } from "../mesh/addresses.ts";
import { plaintextPort, startServedPlane } from "../mesh/plane.ts";
import { configurationUpdates, startUnderLoad, until } from "./under-load.ts";

const net = 35;
const size = 500;
/** As `fairlead serve` has it. */
const drainMs = 3000;

test("SIGTERM with 500 streams: ends in time and with 0, the streams spread out, and so they arrive elsewhere", async (t) => {
  t.timeout(170_000);
  const { mesh, load, finish } = await startUnderLoad(t, { net, twoReplicas: true });
  const fleet = startFleet({ size, from: plaintextPort({ net }), to: plaintextPort({ net, replica: 1 }) });
  t.teardown(() => fleet.stop());
  await until("all to be served", () => fleet.members().every(({ served }) => served));
  const before = await configurationUpdates(mesh, "client");

  const replica = await startServedPlane({ net, folder: mesh.folder, replica: 1 });
  t.teardown(() => replica.stop("SIGKILL"));
  const ready = async () => {
    const at = { host: addressOf(net, 254), port: ports.http14, path: "/ready" };
    return request(at).then(
      ({ status }) => status,
      () => 0,
    );
  };
  t.is(await ready(), 200);
  const start = performance.now();
  const ended = mesh.plane.stop("SIGTERM");
  await until("a first stream to end", () => fleet.members().some(({ endedAt }) => endedAt !== undefined));
  t.not(await ready(), 200, "nobody is sent to a server that is about to end");
  t.is(await ended, 0);
  const took = performance.now() - start;
  t.true(took < drainMs + 3000, `it took ${Math.round(took)} ms to end`);

  await until("all to be back", () => fleet.members().every(({ backAt }) => backAt !== undefined));
  const ends = fleet.members().flatMap(({ endedAt }) => endedAt ?? []);
  const moves = fleet.members().flatMap(({ movedAt }) => movedAt ?? []);
  t.is(ends.length, size);
  // Evenly, a fifth of them would end in a fifth of the drain time.
  const together = { ends: densest(ends, drainMs / 5), moves: densest(moves, drainMs / 5) };
  t.true(together.ends < 0.4, `${together.ends} of the streams ended within ${drainMs / 5} ms`);
  t.true(together.moves < 0.5, `${together.moves} of them went elsewhere within ${drainMs / 5} ms`);
  t.log(
    `ended in ${Math.round(took)} ms; within ${drainMs / 5} ms at most ${Math.round(together.ends * 100)} % of the ` +
      `streams ended and ${Math.round(together.moves * 100)} % went to the other replica`,
  );

  await mesh.settled(1);
  t.deepEqual(await configurationUpdates(mesh, "client"), before, "nothing is sent again");
  await finish();
  t.deepEqual(losses(load.tallies), []);
  t.deepEqual(idle(load.tallies), []);
  t.deepEqual([...mesh.plane.nacks(), ...replica.nacks()], []);
});
