import { type Delegation, type Lookups, shown, type Words } from "../../../dns/index.js";
import { route53Zones } from "../../../provider/core/hosts/route53/host.js";
import type { RecordsInputs } from "../../../provider/core/inputs.js";
import { recordsHandler } from "../../../provider/core/records/handler.js";
import { RunCache } from "../../../provider/core/run/cache.js";
import { Claims } from "../../../provider/core/run/claims.js";
import type { DiffWorld, World } from "../../../provider/core/world.js";
import type { DnsRecord, RecordSetState } from "../../../provider/shapes.js";
import { MemoryRoute53 } from "../hosts/route53/memory-route53.js";
import { zonesWorld } from "../zones/zones-world.js";
import { dkimName, dkimTarget, dmarcName, domain, inbound } from "./sets.js";

export const setupId = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
export const dnsRecords: DnsRecord[] = [
	{ address: dkimName, type: "CNAME", record: dkimTarget },
	{ address: domain, type: "MX", record: inbound },
	{ address: dmarcName, type: "TXT", record: "v=DMARC1; p=none;" },
];

/** A program that uses `Route53Records` on its own: no preflight has looked. */
export function stage(...sets: RecordSetState[]) {
	const route53 = new MemoryRoute53();
	const zone = route53.addZone("acme.com");
	for (const set of sets) route53.put(zone, set);
	const warnings: string[] = [];
	/** What was done of what matters in its order. */
	const events: string[] = [];
	/** So many events the name servers lack what was published. */
	let lackedFor = 0;
	/** So many looks they do not answer. */
	let silentFor = 0;
	let live: Delegation = { zone: "acme.com", nameServers: ["ns.acme.com"] };
	const inner = zonesWorld();
	const zones = route53Zones(route53, inner);
	const world = {
		clock: inner.clock,
		random: inner.random,
		stop: inner.stop,
		hosts: { route53: async () => zones },
		lookups: {
			delegation: async () => live,
			query: async () => ({ kind: "none" }),
			async checkAll(records: DnsRecord[]) {
				events.push("asked");
				const servers = (record: DnsRecord) => {
					if (silentFor > 0) return [{ state: "failed", found: [] }];
					return [{ state: "found", found: events.length > lackedFor ? [record.record] : [] }];
				};
				const checks = records.map((record) => ({ record, servers: servers(record) }));
				silentFor -= 1;
				return checks;
			},
		} as unknown as Lookups,
		channels: { useCases: { async *list() {} } },
		claims: new Claims(),
		cache: new RunCache(),
		progress: { show() {}, warn: (words: Words) => warnings.push(shown(words)) },
	} as unknown as World;
	return {
		world,
		route53,
		zone,
		warnings,
		events,
		lackFor(count: number) {
			lackedFor = count;
		},
		silenceFor(count: number) {
			silentFor = count;
		},
		delegateTo(delegation: Delegation) {
			live = delegation;
		},
		create: (more: Partial<RecordsInputs> = {}) =>
			recordsHandler.create(world, { setupId, dnsRecords, ...more }),
		update: (olds: Awaited<ReturnType<typeof recordsHandler.create>>, more: Partial<RecordsInputs> = {}) =>
			recordsHandler.update(world, setupId, olds.outputs, { setupId, dnsRecords, ...more }),
		diff: (olds: Awaited<ReturnType<typeof recordsHandler.create>>, more: Partial<RecordsInputs> = {}) =>
			recordsHandler.diff({ claims: new Claims() } as DiffWorld, setupId, olds.outputs, {
				setupId,
				dnsRecords,
				...more,
			}),
		read: (olds: Awaited<ReturnType<typeof recordsHandler.create>>) =>
			recordsHandler.read(world, setupId, olds.outputs),
		destroy: (olds: Awaited<ReturnType<typeof recordsHandler.create>>) =>
			recordsHandler.delete(world, setupId, olds.outputs),
	};
}
