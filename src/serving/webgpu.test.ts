import assert from "node:assert/strict";
import { test } from "node:test";
import { testOnWebGpu, withoutWebGpu } from "../graph/test-device.js";

test("on WebGPU texts are encoded and models trained as on the CPU", {
  skip: withoutWebGpu,
}, () => {
  const { code, said } = testOnWebGpu(new URL("test-webgpu.js", import.meta.url));
  assert.equal(code, 0, said);
  assert.match(said, /# pass 4/);
});
