import { createHash } from "node:crypto";
import type { Names } from "../setup.js";

/** Of the names that are made here, and of nothing else. */
const namespace = "5e6b1f0a-8d3c-4b6e-9a57-3f0c2d9e7b41";

/**
 * Which resource makes a setup: a kill may come before its id is in the state, and the next run knows by this mark what it
 * left half-made. A URN has the names of project, stack and resource, and not whose backend they are in: two stacks of the same
 * names in two backends count as one here.
 */
export const markOf = (urn: string, { tenant, domain }: Names): string =>
	uuid5([urn, tenant, domain].join("\n"));

/** The workspace of an account and region, where the settings name none. */
export const workspaceOf = (account: string, region: string): string => uuid5(`${account}\n${region}`);

/** A UUID of version 5 (RFC 9562, 5.5). */
function uuid5(name: string): string {
	const hash = createHash("sha1")
		.update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
		.update(name)
		.digest();
	hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
	hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
	const hex = hash.toString("hex");
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
		"-",
	);
}
