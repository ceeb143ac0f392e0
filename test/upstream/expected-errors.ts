// The places in Istio's own files that we call errors, each with why it is one: the files are test data, and what they
// say there could not work. Anything else that turns up is a false error.

/** `file:line code` → why. */
export const expectedErrors: Readonly<Record<string, string>> = {
  "tests/testdata/config/se-example-gw.yaml:100 host-not-found":
    "the egress gateway routes to httpbin.com, but the ServiceEntry is for httpbin.org",
  "tests/testdata/config/rule-route-via-egressgateway.yaml:27 host-not-found":
    "together with files that do have entries for outside hosts: none of them is for eu.bookinfo.com",
  "tests/testdata/networking/ingress-gateway/configs.yaml:106 host-not-found":
    "no object names www.bookinfo.com: Istio's test looks at the gateway's listeners only",
  "tests/testdata/networking/ingress-gateway/configs.yaml:126 port-not-found":
    "https.secure.com has port 15004 only, as port 443 is the gateway's",
  "tests/testdata/networking/ingress-gateway/configs.yaml:146 port-not-found":
    "https.secure.com has port 15004 only, as port 443 is the gateway's",
  "tests/testdata/config/ingress.yaml:46 host-not-found":
    "with all files together namespace default has Services, and none is called service3",
  "tests/testdata/config/virtual-service-all.yaml:23 host-not-found":
    "with all files together namespace default has Services, and none is called service3",
  "tests/testdata/config/virtual-service-all.yaml:31 host-not-found":
    "with all files together namespace default has Services, and none is called service3",
  "tests/testdata/config/virtual-service-all.yaml:35 host-not-found":
    "with all files together namespace default has Services, and none is called service3",
};
