/**
 * Extensions of certificates, by the measure of Go's `crypto/x509`: an extension that Go knows must be sound, one that
 * it does not know may hold anything.
 *
 * Names inside alternative names and name constraints are checked for their characters and lengths; that a URI or a
 * domain is well formed beyond that is not.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { constructedContextTag, contextTag, DERReader, integerValue, isNegativeInteger, Tag } from "./der.ts";
import { isIA5 } from "./x509_fields.ts";

/** Tells whether the content of an extension is sound. */
type Check = (content: DERReader) => boolean;

interface KnownExtension {
  readonly name: string;
  /** Whether RFC 5280 wants it never to be marked critical. */
  readonly neverCritical?: true;
  readonly check: Check;
}

/** Tags of general names (RFC 5280, 4.2.1.6), as Go tells them: without regard to the constructed bit. */
const EMAIL = 1;
const DNS = 2;
const URI = 6;
const IP = 7;

/** By the hex of the object identifier's content: 2.5.29.x, and 1.3.6.1.5.5.7.1.1 as the last. */
const KNOWN: Readonly<Record<string, KnownExtension>> = {
  "551d0e": {
    name: "subject key identifier",
    neverCritical: true,
    check: (content) => content.skip(Tag.OctetString),
  },
  "551d0f": { name: "key usage", check: (content) => content.readBitString() !== undefined },
  "551d11": { name: "subject alternative names", check: (content) => each(content, isAlternativeName) },
  "551d13": { name: "basic constraints", check: areBasicConstraints },
  "551d1e": { name: "name constraints", check: areNameConstraints },
  "551d1f": { name: "CRL distribution points", check: (content) => each(content, sequence(isDistributionPoint)) },
  "551d20": { name: "certificate policies", check: arePolicies },
  "551d21": { name: "policy mappings", check: (content) => each(content, sequence(isPolicyMapping)) },
  "551d23": { name: "authority key identifier", neverCritical: true, check: isAuthorityKeyIdentifier },
  "551d24": { name: "policy constraints", check: arePolicyConstraints },
  "551d25": {
    name: "extended key usages",
    check: (content) => each(content, (usages) => usages.readObjectIdentifier() !== undefined),
  },
  "551d36": { name: "inhibit any policy", check: (content) => isInt64(content.readInteger()) },
  "2b06010505070101": {
    name: "authority info access",
    neverCritical: true,
    check: (content) => each(content, sequence(isAccessDescription)),
  },
};

/**
 * Reads the extensions of a certificate.
 *
 * @param holder What the certificate's third context-specific element holds; `undefined` where that was unsound.
 * @returns What is wrong, or `undefined` when nothing is.
 */
export function checkExtensions(holder: DERReader | undefined): string | undefined {
  const list = holder?.read(Tag.Sequence);
  if (list === undefined) return "malformed extensions";
  const extensions: { oid: string; critical: boolean; value: Uint8Array }[] = [];
  const seen = new Set<string>();
  while (!list.isEmpty) {
    const extension = list.read(Tag.Sequence);
    if (extension === undefined) return "malformed extension";
    const oid = extension.readObjectIdentifier();
    if (oid === undefined) return "malformed extension OID field";
    const critical = extension.peek(Tag.Boolean) ? extension.readBoolean() : false;
    if (critical === undefined) return "malformed extension critical field";
    const value = extension.read(Tag.OctetString)?.rest;
    if (value === undefined) return "malformed extension value field";
    const key = toHex(oid);
    if (seen.has(key)) return "certificate contains duplicate extension";
    seen.add(key);
    extensions.push({ oid: key, critical, value });
  }
  for (const { oid, critical, value } of extensions) {
    const known = KNOWN[oid];
    if (known === undefined) continue;
    if (critical && known.neverCritical) return `${known.name} incorrectly marked critical`;
    if (!known.check(new DERReader(value))) return `invalid ${known.name}`;
  }
  return undefined;
}

/** Whether content is a sequence and `check` takes item after item of it. */
function each(content: DERReader, check: Check): boolean {
  const list = content.read(Tag.Sequence);
  if (list === undefined) return false;
  while (!list.isEmpty) {
    if (!check(list)) return false;
  }
  return true;
}

/** A check of the next sequence's inside. */
function sequence(check: Check): Check {
  return (list) => {
    const inner = list.read(Tag.Sequence);
    return inner !== undefined && check(inner);
  };
}

function isAlternativeName(names: DERReader): boolean {
  const name = names.readAny();
  if (name === undefined) return false;
  const value = name.content.rest;
  switch (name.tag ^ 0x80) {
    case EMAIL:
    case DNS:
    case URI:
      return isIA5(value);
    case IP:
      return value.length === 4 || value.length === 16;
    default:
      return true;
  }
}

function areBasicConstraints(content: DERReader): boolean {
  const constraints = content.read(Tag.Sequence);
  if (constraints === undefined) return false;
  if (constraints.peek(Tag.Boolean) && constraints.readBoolean() === undefined) return false;
  if (!constraints.peek(Tag.Integer)) return true;
  const pathLength = constraints.readInteger();
  return isInt64(pathLength) && !isNegativeInteger(pathLength);
}

function areNameConstraints(content: DERReader): boolean {
  const constraints = content.read(Tag.Sequence);
  if (constraints === undefined || !content.isEmpty) return false;
  let isAnyGiven = false;
  for (const tag of [constructedContextTag(0), constructedContextTag(1)]) {
    if (!constraints.peek(tag)) continue;
    const subtrees = constraints.read(tag);
    if (subtrees === undefined) return false;
    isAnyGiven ||= !subtrees.isEmpty;
    while (!subtrees.isEmpty) {
      if (!sequence(isConstraint)(subtrees)) return false;
    }
  }
  return constraints.isEmpty && isAnyGiven;
}

function isConstraint(subtree: DERReader): boolean {
  const base = subtree.readAny();
  if (base === undefined) return false;
  const value = base.content.rest;
  switch (base.tag) {
    case contextTag(EMAIL):
    case contextTag(DNS):
    case contextTag(URI):
      return isIA5(value);
    case contextTag(IP):
      return (value.length === 8 || value.length === 32) && isMask(value.subarray(value.length / 2));
    default:
      return true;
  }
}

/** Ones and then zeros. */
function isMask(mask: Uint8Array): boolean {
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(bits);
}

function isDistributionPoint(point: DERReader): boolean {
  const tag = constructedContextTag(0);
  if (!point.peek(tag)) return true;
  const name = point.read(tag)?.read(tag);
  if (name === undefined) return false;
  while (name.peek(contextTag(URI))) {
    if (!name.skip(contextTag(URI))) return false;
  }
  return true;
}

function arePolicies(content: DERReader): boolean {
  const seen = new Set<string>();
  return each(
    content,
    sequence((policy) => {
      const oid = policy.read(Tag.ObjectIdentifier)?.rest;
      if (oid === undefined || !isLongObjectIdentifier(oid) || seen.has(toHex(oid))) return false;
      seen.add(toHex(oid));
      return true;
    }),
  );
}

/** An identifier whose parts may be of any size. */
function isLongObjectIdentifier(content: Uint8Array): boolean {
  let starts = true;
  for (const byte of content) {
    if (starts && byte === 0x80) return false;
    starts = byte < 0x80;
  }
  return content.length > 0 && starts;
}

function isPolicyMapping(mapping: DERReader): boolean {
  return mapping.skip(Tag.ObjectIdentifier) && mapping.skip(Tag.ObjectIdentifier);
}

function isAuthorityKeyIdentifier(content: DERReader): boolean {
  const identifier = content.read(Tag.Sequence);
  return identifier?.skipOptional(contextTag(0)) ?? false;
}

function arePolicyConstraints(content: DERReader): boolean {
  const constraints = content.read(Tag.Sequence);
  if (constraints === undefined) return false;
  return [contextTag(0), contextTag(1)].every(
    (tag) => !constraints.peek(tag) || isInt64(minimal(constraints.read(tag)?.rest)),
  );
}

function isAccessDescription(description: DERReader): boolean {
  return description.readObjectIdentifier() !== undefined && description.skipOptional(contextTag(URI));
}

/** Content of an integer under another tag, where it is in as few bytes as it takes. */
function minimal(content: Uint8Array | undefined): Uint8Array | undefined {
  if (content === undefined || content.length === 0) return undefined;
  const value = integerValue(content);
  const isShorter = content.length > 1 && BigInt.asIntN((content.length - 1) * 8, value) === value;
  return isShorter ? undefined : content;
}

function isInt64(integer: Uint8Array | undefined): integer is Uint8Array {
  return integer !== undefined && integer.length <= 8;
}
