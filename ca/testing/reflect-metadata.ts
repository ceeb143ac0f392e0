// The three functions of the decorator-metadata proposal that @peculiar/x509's dependency container asks for when it
// is loaded. In: nothing. Out: a patched `Reflect`, unless somebody patched it before. It knows no certificate.

type Metadata = Map<unknown, unknown>;

interface ReflectWithMetadata {
  getMetadata?: (key: unknown, target: object) => unknown;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

// Every polyfill package for this brings a thousand lines; the container only ever stores and reads by (class, key).
const reflect: typeof Reflect & ReflectWithMetadata = Reflect;
if (!reflect.getMetadata) {
  const store = new WeakMap<object, Metadata>();
  const own = (key: unknown, target: object): unknown => store.get(target)?.get(key);
  reflect.getOwnMetadata = own;
  reflect.getMetadata = (key, target) => {
    for (let at: object | null = target; at; at = Object.getPrototypeOf(at)) {
      const found = own(key, at);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  reflect.defineMetadata = (key, value, target) => {
    const metadata = store.get(target) ?? new Map();
    store.set(target, metadata.set(key, value));
  };
}
