import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Blobs, openBlobs } from "./blobs.js";
import { bucketBlobs } from "./s3.js";
import { signatureOf, startS3 } from "./test-s3.js";

const root = mkdtempSync(join(tmpdir(), "cladmop-blobs-"));
const s3 = await startS3();
after(async () => {
  await s3.stop();
  rmSync(root, { recursive: true });
});
const QUICK = { attempts: 3, firstWait: 1, longestWait: 10 };
const bucket = (place: string, env: NodeJS.ProcessEnv = s3.env) => bucketBlobs(place, env, QUICK);

const PLACES: Record<string, () => Blobs> = {
  folder: () => openBlobs(join(root, "folder")),
  bucket: () => bucket("s3://shared/a prefix/of two/"),
};
for (const [name, open] of Object.entries(PLACES))
  test(`a ${name} gives back what was put there`, async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 251));
    const blobs = open();
    assert.equal(await blobs.get("results/a.json"), undefined);
    assert.equal(await blobs.has("results/a.json"), false);
    await blobs.put("results/a.json", Buffer.from("first"));
    await blobs.put("results/a.json", bytes);
    await blobs.put("results/empty", new Uint8Array());
    assert.deepEqual(await open().get("results/a.json"), bytes);
    assert.deepEqual(await open().get("results/empty"), Buffer.alloc(0));
    assert.equal(await blobs.has("results/a.json"), true);
    await blobs.remove("results/a.json");
    await blobs.remove("results/a.json");
    assert.equal(await blobs.get("results/a.json"), undefined);
  });

test("prefixes of a bucket are apart", async () => {
  await bucket("s3://shared/one").put("x", Buffer.from("1"));
  assert.equal(await bucket("s3://shared/two").get("x"), undefined);
  assert.equal((await bucket("s3://shared").get("one/x"))?.toString(), "1");
});

test("a wrong key, bucket or place is named, and the key is not", async () => {
  const wrong = { ...s3.env, AWS_SECRET_ACCESS_KEY: "hunter2" };
  await assert.rejects(bucket("s3://shared/one", wrong).get("x"), (error: Error) => {
    assert.equal(error.name, "InputError");
    assert.match(
      error.message,
      /^s3:\/\/shared\/one at 127\.0\.0\.1:\d+: reading x was refused: status 403 SignatureDoesNotMatch\. Check/,
    );
    assert.ok(!error.message.includes("hunter2"));
    return true;
  });
  await assert.rejects(bucket("s3://absent").put("x", Buffer.from("1")), {
    message: /writing x was refused: status 404 NoSuchBucket/,
  });
  await assert.rejects(bucket("s3://absent").get("x"), { message: /NoSuchBucket/ });
  assert.throws(() => bucket("s3://shared", {}), { message: /Set AWS_ACCESS_KEY_ID/ });
  assert.throws(() => bucket("s3:///x"), { message: /names no bucket/ });
});

test("a busy server is asked again; one that stays busy is named", async () => {
  const blobs = bucket("s3://shared");
  s3.busy = 2;
  await blobs.put("x", Buffer.from("bytes"));
  assert.equal((await blobs.get("x"))?.toString(), "bytes");
  s3.busy = 9;
  await assert.rejects(blobs.get("x"), {
    name: "InputError",
    message:
      /at 127\.0\.0\.1:\d+: GET failed: status 503: .*SlowDown.*\. Check that the server is up/,
  });
  s3.busy = 0;
});

test("the server of these tests checks signatures as Amazon does", () => {
  // The example "GET Object" of Amazon's API reference, section "Signature Calculations for the Authorization Header".
  const headers = {
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request," +
      "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=",
    host: "examplebucket.s3.amazonaws.com",
    range: "bytes=0-9",
    "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-amz-date": "20130524T000000Z",
  };
  assert.equal(
    signatureOf("GET", "/test.txt", headers, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  );
});

test("a folder that cannot be written is named", async () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  await assert.rejects(openBlobs(file).put("x", Buffer.from("1")), {
    name: "InputError",
    message: /file: is a file, not a folder/,
  });
  assert.deepEqual(
    readdirSync(root).filter((name) => name.endsWith(".tmp")),
    [],
  );
});

test("a mistyped address of a bucket is no folder", () => {
  for (const place of ["s3:/shared", "gs://shared/prefix", "https://host/bucket"])
    assert.throws(() => openBlobs(place), {
      name: "InputError",
      message: /neither a folder nor s3:/,
    });
});
