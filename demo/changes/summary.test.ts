import test from "ava";
import { summarizeChange } from "./summary.ts";

const service = (weight: number, extra = "") => `
kind: VirtualService
metadata: { name: reviews }
spec:
  http:
    - name: testers
      route: [{ weight: 1 }]
    - name: split
      route: [{ weight: ${weight} }, { weight: ${100 - weight} }]
${extra}`;

test("names the object, the place and both values", (t) => {
  t.is(
    summarizeChange(service(80), service(50)),
    "VirtualService reviews: http[split].route[0].weight 80 → 50, [1].weight 20 → 50",
  );
});

test("fields that come and go", (t) => {
  t.is(
    summarizeChange(service(80), service(80, "  hosts: [reviews]")),
    'VirtualService reviews: hosts set to ["reviews"]',
  );
  t.is(
    summarizeChange(service(80, "  hosts: [reviews]"), service(80)),
    "VirtualService reviews: hosts removed",
  );
});

test("a long list of changes is cut", (t) => {
  const before = "kind: A\nmetadata: {name: a}\nspec: {a: 1, b: 1, c: 1, d: 1}";
  const after = "kind: A\nmetadata: {name: a}\nspec: {a: 2, b: 2, c: 2, d: 2}";
  t.is(summarizeChange(before, after), "A a: a 1 → 2, b 1 → 2 and 2 more");
});

test("objects that come and go", (t) => {
  const two = `${service(80)}\n---\nkind: DestinationRule\nmetadata: { name: reviews }\n`;
  t.is(summarizeChange(service(80), two), "DestinationRule reviews added");
  t.is(summarizeChange(two, service(80)), "DestinationRule reviews removed");
});

test("files that come, go, break and recover", (t) => {
  t.is(summarizeChange(undefined, service(80)), "added");
  t.is(summarizeChange(service(80), undefined), "removed");
  t.is(summarizeChange(service(80), "a: [1"), "is not well-formed YAML now");
  t.is(summarizeChange("a: [1", service(80)), "is well-formed YAML again");
});

test("comments and layout are no change", (t) => {
  t.is(summarizeChange(service(80), `# why\n${service(80)}`), "no change in meaning");
});

test("a file without a kind, such as the mesh config", (t) => {
  t.is(summarizeChange("proxyHttpPort: 1", "proxyHttpPort: 2"), "settings: proxyHttpPort 1 → 2");
});
