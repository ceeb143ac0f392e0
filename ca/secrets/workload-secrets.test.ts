import { createPrivateKey, X509Certificate } from "node:crypto";
import test from "ava";
import { accept, refuse } from "../outcome.ts";
import { refusal } from "../refusal.ts";
import { in2027 } from "../testing/foreign.ts";
import { accepted, authority, manualTime, refused, reviews } from "../testing/world.ts";
import { Redacted, type SecretEvent, WorkloadSecrets } from "./index.ts";

const hour = 3600_000;
const ratings = { ...reviews, serviceAccount: "bookinfo-ratings" };

/** A keeper over an issuer that counts, and fails while `failing` is set. */
function keeper() {
  const time = manualTime(in2027);
  const state = { issued: 0, failing: false, events: [] as SecretEvent[] };
  const secrets = new WorkloadSecrets({
    ...time,
    trustBundlePem: "bundle",
    issue: async () => {
      if (state.failing) return refuse(refusal("issuer-expired", "on purpose"));
      state.issued += 1;
      const now = time.clock();
      const certificate = {
        certChainPem: `chain ${state.issued}`,
        privateKeyPem: new Redacted("key"),
        serialNumber: "1",
      };
      return accept({ ...certificate, notBefore: now, notAfter: now + 24 * hour, renewAt: now + 12 * hour });
    },
  });
  secrets.onEvent((event) => state.events.push(event));
  return { time, state, secrets };
}

test("ok/all proxies of an identity share one certificate, also when they come at once", async (t) => {
  const { state, secrets } = keeper();
  const leases = await Promise.all([
    secrets.hold(reviews),
    secrets.hold({ ...reviews }),
    secrets.hold(ratings),
  ]);
  const [one, two, other] = leases.map((lease) => accepted(lease).current().certChainPem);
  t.is(one, two);
  t.not(one, other);
  t.is(state.issued, 2);
});

test("ok/renewed at half life, told to listeners, seen through the old lease", async (t) => {
  const { time, state, secrets } = keeper();
  const lease = accepted(await secrets.hold(reviews));
  await time.advance(12 * hour - 1);
  t.is(lease.current().certChainPem, "chain 1");
  t.deepEqual(state.events, []);
  await time.advance(1);
  t.is(lease.current().certChainPem, "chain 2");
  t.deepEqual(state.events, [{ kind: "renewed", identity: reviews, notAfter: in2027 + 36 * hour }]);
  await time.advance(24 * hour);
  t.is(lease.current().certChainPem, "chain 4");
});

test("ok/who comes back finds the certificate it had", async (t) => {
  const { time, state, secrets } = keeper();
  accepted(await secrets.hold(reviews)).release();
  await time.advance(11 * hour);
  t.is(accepted(await secrets.hold(reviews)).current().certChainPem, "chain 1");
  t.is(state.issued, 1);
});

test("ok/what nobody holds is not renewed but forgotten", async (t) => {
  const { time, state, secrets } = keeper();
  const lease = accepted(await secrets.hold(reviews));
  lease.release();
  lease.release();
  await time.advance(48 * hour);
  t.is(state.issued, 1);
  t.is(time.pending(), 0);
  t.is(accepted(await secrets.hold(reviews)).current().certChainPem, "chain 2");
});

test("ok/released twice by one, it is still held by the other", async (t) => {
  const { time, state, secrets } = keeper();
  const lease = accepted(await secrets.hold(reviews));
  await secrets.hold(reviews);
  lease.release();
  lease.release();
  await time.advance(12 * hour);
  t.is(state.issued, 2);
});

test("fail/a renewal that fails keeps the old certificate, is told, and is tried again", async (t) => {
  const { time, state, secrets } = keeper();
  const lease = accepted(await secrets.hold(reviews));
  state.failing = true;
  await time.advance(12 * hour + 60_000);
  t.is(lease.current().certChainPem, "chain 1");
  t.is(state.events.length, 3, "at once and every 30 s");
  t.true(state.events.every(({ kind }) => kind === "renewal-failed"));
  state.failing = false;
  await time.advance(30_000);
  t.is(lease.current().certChainPem, "chain 2");
});

test("fail/a first issue that fails is told to who asked, and the next one who asks tries again", async (t) => {
  const { state, secrets } = keeper();
  state.failing = true;
  t.is(refused(await secrets.hold(reviews)).code, "issuer-expired");
  state.failing = false;
  t.true((await secrets.hold(reviews)).ok);
});

test("ok/closing stops every timer", async (t) => {
  const { time, secrets } = keeper();
  await secrets.hold(reviews);
  await secrets.hold(ratings);
  t.is(time.pending(), 2);
  secrets.close();
  await time.advance(48 * hour);
  t.is(time.pending(), 0);
});

test("ok/in an authority: a new key and certificate each time, the TLS port's own as well", async (t) => {
  const time = manualTime(in2027);
  const ca = await authority(time);
  const lease = accepted(await ca.secrets.hold(reviews));
  const before = lease.current();
  const port = ca.serving.current().certChainPem;
  const renewed: string[] = [];
  ca.serving.onRenewed(({ certChainPem }) => renewed.push(certChainPem));
  await time.advance(12 * hour);
  const after = lease.current();
  t.not(after.privateKeyPem.reveal(), before.privateKeyPem.reveal());
  const leaf = new X509Certificate(after.certChainPem);
  t.true(leaf.checkPrivateKey(createPrivateKey(after.privateKeyPem.reveal())));
  t.is(leaf.validToDate.getTime(), in2027 + 36 * hour);
  t.deepEqual(renewed, [ca.serving.current().certChainPem]);
  t.not(renewed[0], port);
  t.deepEqual(ca.secrets.trustBundle, { name: "ROOTCA", trustBundlePem: ca.trustBundlePem });
  ca.close();
});

test("ok/certificates of a few seconds are renewed in time and without spinning", async (t) => {
  const time = manualTime(in2027);
  const ca = await authority({ ...time, policy: { maximumTtlMs: 4000, defaultTtlMs: 4000 } });
  await ca.secrets.hold(reviews);
  let renewals = 0;
  ca.secrets.onEvent(() => {
    renewals += 1;
  });
  await time.advance(10_000);
  t.true(renewals >= 3 && renewals <= 10, `${renewals}`);
  ca.close();
});
