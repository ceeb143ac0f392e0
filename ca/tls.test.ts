import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import test from "ava";
import { type Authority, peerChain } from "./index.ts";
import { foreign, foreignCa, names, rsaKeys } from "./testing/foreign.ts";
import { accepted, authority, refused, reviews, reviewsUri } from "./testing/world.ts";

interface Shown {
  readonly authorized: boolean;
  readonly chain: readonly Uint8Array[];
}

/** A TLS port as the xDS server has it: asks for a certificate, takes any, and looks at it itself. */
async function port(ca: Authority) {
  const { certChainPem, privateKeyPem } = ca.serving.current();
  const waiting: ((shown: Shown) => void)[] = [];
  const server = createServer(
    {
      cert: certChainPem,
      key: privateKeyPem.reveal(),
      ca: ca.trustBundlePem,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (socket: TLSSocket) => {
      waiting.shift()?.({ authorized: socket.authorized, chain: peerChain(socket.getPeerCertificate(true)) });
      socket.end();
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const dial = async (client: { cert?: string; key?: string }): Promise<Shown> => {
    const shown = new Promise<Shown>((resolve) => waiting.push(resolve));
    const { port } = server.address() as AddressInfo;
    // The server's certificate is verified here, by OpenSSL: an IP address, our bundle, nothing else.
    const socket = connect({ port, host: "127.0.0.1", ca: ca.trustBundlePem, ...client });
    await once(socket, "secureConnect");
    const result = await shown;
    socket.destroy();
    return result;
  };
  return { dial, close: () => server.close() };
}

test("ok/an issued certificate is accepted by OpenSSL and by us, over real TLS", async (t) => {
  const ca = await authority();
  const { dial, close } = await port(ca);
  const { certChainPem, privateKeyPem } = accepted(await ca.issue(reviews));
  const shown = await dial({ cert: certChainPem, key: privateKeyPem.reveal() });
  t.true(shown.authorized);
  t.deepEqual(accepted(ca.identityFromCertificate(shown.chain)), reviews);
  close();
});

test("ok/the same below a plugged-in intermediate with RSA keys", async (t) => {
  const root = await foreignCa({ subject: "CN=root", keys: rsaKeys() });
  const middle = await foreignCa({ subject: "CN=middle", keys: rsaKeys(), issuer: root });
  const data = {
    "root-cert.pem": Buffer.from(root.certPem),
    "ca-cert.pem": Buffer.from(middle.certPem),
    "ca-key.pem": Buffer.from(middle.keyPem),
  };
  const ca = await authority({ plugged: { kind: "secret", name: "istio-system/cacerts", data } });
  const { dial, close } = await port(ca);
  const { certChainPem, privateKeyPem } = accepted(await ca.issue(reviews));
  const shown = await dial({ cert: certChainPem, key: privateKeyPem.reveal() });
  t.true(shown.authorized);
  t.true(shown.chain.length >= 2, "the intermediate travels with the leaf");
  t.deepEqual(accepted(ca.identityFromCertificate(shown.chain)), reviews);
  close();
});

test("fail/a self-signed certificate with a spoofed name", async (t) => {
  const ca = await authority();
  const { dial, close } = await port(ca);
  const spoofed = await foreign({ extensions: [names(reviewsUri)] });
  const shown = await dial({ cert: spoofed.certPem, key: spoofed.keyPem });
  t.is(shown.chain.length, 1, "TLS did hand it over");
  t.false(shown.authorized);
  t.is(refused(ca.identityFromCertificate(shown.chain)).code, "certificate-refused");
  close();
});

test("fail/the port's own certificate, and no certificate", async (t) => {
  const ca = await authority();
  const { dial, close } = await port(ca);
  const { certChainPem, privateKeyPem } = ca.serving.current();
  const own = await dial({ cert: certChainPem, key: privateKeyPem.reveal() });
  t.regex(refused(ca.identityFromCertificate(own.chain)).detail, /clientAuth/);
  const none = await dial({});
  t.deepEqual(none.chain, []);
  t.is(refused(ca.identityFromCertificate(none.chain)).detail, "no certificate");
  close();
});
