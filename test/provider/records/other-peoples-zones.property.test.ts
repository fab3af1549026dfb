import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaults } from "../../../provider/arguments/description.js";
import { desiredSets } from "../../../provider/arguments/record-kinds.js";
import { nothingOurs } from "../../../provider/core/records/ledger.js";
import { plan } from "../../../provider/core/records/plan.js";
import { withoutRecords } from "../../../provider/core/setup/preflight.js";
import type { World } from "../../../provider/core/world.js";
import { afterIntents } from "../../../provider/core/zones/intents.js";
import type { RecordSetState } from "../../../provider/shapes.js";
import type { FaultMoment } from "../../../sandbox/faults.js";
import type { ResourceRecordSet } from "../../../sandbox/index.js";
import { type Rig, Stack, startRig } from "../rig.js";
import { foreignSets, lenientPolicies, policies, txtValue } from "./foreign-zones.js";

let rig: Rig;
beforeAll(async () => {
	rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());
beforeEach(() => {
	rig.sandbox.faults.clear();
	rig.sandbox.log.clear();
});

/** How many times as many zones as usual. */
const soak = Number(process.env.CHANNELS_SOAK_ZONES ?? 1);
/** Against a hang, and no measure: a zone takes some dozens of calls, however slow they are. */
const deadlineMs = 600_000 * soak;

const places = fc.constantFrom("", "mail.", "a-b.mail.");
let zones = 0;

/** A zone of its own for each run, filled by somebody else. */
async function eachZone<More>(
	runs: number,
	more: fc.Arbitrary<More>,
	check: (zone: Zone, more: More) => Promise<void>,
): Promise<void> {
	const input = places.chain((place) =>
		fc.tuple(fc.constant(place), foreignSets(`${place}zone.test`, "zone.test"), more),
	);
	await fc.assert(
		fc.asyncProperty(input, async ([place, sets, extra]) => {
			zones += 1;
			const name = `z${zones}.test`;
			const moved = JSON.parse(JSON.stringify(sets).replaceAll("zone.test", name)) as ResourceRecordSet[];
			await check(new Zone(name, `${place}${name}`, moved), extra);
		}),
		{ numRuns: runs * soak, interruptAfterTimeLimit: deadlineMs / 2, markInterruptAsFailure: true },
	);
}

class Zone {
	readonly id: string;
	readonly original: readonly ResourceRecordSet[];

	constructor(
		readonly name: string,
		readonly domain: string,
		sets: ResourceRecordSet[],
	) {
		this.id = rig.sandbox.route53.createZone(name).id;
		for (const set of sets) this.put(set);
		this.original = this.records();
	}

	put(set: ResourceRecordSet): void {
		rig.sandbox.route53.put(this.id, set);
	}

	find(name: string, type: string): ResourceRecordSet | undefined {
		return this.records().find(
			(set) => set.Name === `${name}.` && set.Type === type && set.SetIdentifier === undefined,
		);
	}

	records(): ResourceRecordSet[] {
		return rig.sandbox.route53.records(this.id);
	}

	/** The zone as one text, down to the spelling and order of values. */
	text(): string {
		return rig.sandbox.route53.snapshot(this.id);
	}

	/** What stands in it, as the provider reads it. */
	async read(): Promise<RecordSetState[]> {
		const reader = await rig.world().hosts.route53({});
		return reader.read(this.id, [{ name: this.name, below: true }]);
	}

	stack(onConflict: NonNullable<Stack["args"]["route53"]["onConflict"]>): Stack {
		return new Stack({
			tenantName: this.name.replaceAll(".", "-"),
			domainIdentity: this.domain,
			route53: { onConflict },
		});
	}
}

const tenants = () => rig.sandbox.ses.tenants();
const registered = () => rig.sandbox.log.count({ service: "channels", operation: "POST ses-setup" });
const changes = () => rig.sandbox.log.count({ service: "route53", operation: "ChangeResourceRecordSets" });

/** Whether the `up` was done; false where it was refused. Any other failure is thrown. */
async function upUnlessRefused(stack: Stack): Promise<boolean> {
	try {
		await stack.up(rig.world());
		return true;
	} catch (error) {
		expect((error as Error).message).toMatch(/already has records|delegated away/);
		return false;
	}
}

describe("in whatever zone of somebody else", () => {
	it(
		"an up and a destroy leave every byte as it was; a refused up changes nothing",
		async () => {
			let done = 0;
			let refused = 0;
			await eachZone(40, policies, async (zone, onConflict) => {
				const before = zone.text();
				const [posts, batches] = [registered(), changes()];
				const stack = zone.stack(onConflict);
				if (await upUnlessRefused(stack)) {
					done += 1;
					expect(stack.setup?.outputs.dnsRecords).toHaveLength(5);
					await stack.destroy(rig.world());
				} else {
					refused += 1;
					// What only the new setup's values can decide makes it, and deletes it again.
					expect(registered() - posts).toBeLessThanOrEqual(1);
					expect(tenants()).toEqual([]);
					expect(changes()).toBe(batches);
					expect([stack.setup, stack.records]).toEqual([undefined, undefined]);
				}
				expect(zone.text()).toBe(before);
			});
			// The zones drawn must show both outcomes, or nothing was tested.
			expect(Math.min(done, refused)).toBeGreaterThan(2);
		},
		deadlineMs,
	);

	it(
		"a second up, and a third after a refresh, change nothing",
		async () => {
			await eachZone(15, lenientPolicies, async (zone, onConflict) => {
				const stack = zone.stack(onConflict);
				await stack.up(rig.world());
				const [after, batches] = [zone.text(), changes()];
				const written = stack.records?.outputs.written;
				await stack.up(rig.world());
				await stack.refresh(rig.world());
				expect(stack.records?.outputs.drift).toEqual([]);
				await stack.up(rig.world());
				expect(stack.records?.outputs.written).toEqual(written);
				expect(zone.text()).toBe(after);
				expect(changes()).toBe(batches);
			});
		},
		deadlineMs,
	);

	it(
		"publishes exactly what the plan says",
		async () => {
			await eachZone(15, lenientPolicies, async (zone, onConflict) => {
				const before = await zone.read();
				const stack = zone.stack(onConflict);
				await stack.up(rig.world());
				const planned = planOf(stack, before, onConflict);
				expect(stack.records?.outputs.written).toEqual(planned.written);
				expect(sortedText(await zone.read())).toEqual(sortedText(planned.after));
			});
		},
		deadlineMs,
	);
});

function planOf(stack: Stack, current: RecordSetState[], onConflict: object, snapshot = current) {
	const { written, intents } = plan({
		ledger: nothingOurs,
		snapshot,
		current,
		desired: desiredSets(stack.setup?.outputs.dnsRecords ?? [], stack.setup?.outputs.domainIdentity ?? "", {
			records: defaults.records,
			ttl: 300,
		}),
		ttl: 300,
		policies: { dmarc: "error", mx: "error", mailFrom: "error", spf: "error", other: "error", ...onConflict },
	});
	return { written, after: afterIntents(current, intents) };
}

const sortedText = (sets: readonly RecordSetState[]) =>
	sets.map((set) => JSON.stringify([set.name, set.type, set.rest, set.ttl, set.values])).sort();

interface Interruption {
	service: "route53" | "channels";
	/** At which call of the service. */
	call: number;
	when: FaultMoment;
	/** The one connection is lost, all are from then on, or the provider's process is killed. */
	kind: "lost" | "down" | "killed";
}

const interruption: fc.Arbitrary<Interruption> = fc.record({
	service: fc.constantFrom("route53", "route53", "route53", "channels"),
	call: fc.integer({ min: 1, max: 6 }),
	when: fc.constantFrom("before", "after"),
	kind: fc.constantFrom("lost", "down", "killed"),
});

/** Does the work while something goes wrong; says whether it did. All calls have ended when this ends. */
async function whileInterrupted(at: Interruption, work: (world: World) => Promise<void>): Promise<boolean> {
	const { sandbox } = rig;
	const controller = new AbortController();
	let hit = false;
	sandbox.faults.add({
		service: at.service,
		from: at.call,
		times: at.kind === "down" ? Number.POSITIVE_INFINITY : 1,
		match: callCounter(at.call, () => {
			hit = true;
			if (at.kind === "killed") controller.abort(new Error("killed"));
		}),
		effect: { kind: "drop", when: at.when },
	});
	await work(rig.world(controller)).catch(() => {});
	await sandbox.log.until((log) => log.all().every(({ endedAt }) => endedAt !== undefined));
	sandbox.faults.clear();
	return hit;
}

describe("interrupted anywhere and repeated", { tags: ["all"] }, () => {
	it(
		"an up equals an up",
		async () => {
			let hits = 0;
			await eachZone(50, fc.tuple(lenientPolicies, interruption), async (zone, [onConflict, at]) => {
				const before = await zone.read();
				const text = zone.text();
				const stack = zone.stack(onConflict);
				if (await whileInterrupted(at, (world) => stack.up(world))) hits += 1;

				let theirs = before;
				await stack.up(rig.world()).catch(async (error: Error) => {
					// Only a kill between the POST and its recording leaves a setup that nobody can claim.
					expect(error.message).toContain("the workspace has this setup already");
					expect([stack.setup, at.service, at.when]).toEqual([undefined, "channels", "after"]);
					stack.args.adoptExisting = true;
					await stack.up(rig.world());
					// Who takes over a setup takes its records with it, and what is the same as they.
					theirs = withoutRecords(before, stack.setup?.outputs.dnsRecords ?? []);
				});
				const planned = planOf(stack, before, onConflict, theirs);
				expect(stack.records?.outputs.written).toEqual(planned.written);
				expect(sortedText(await zone.read())).toEqual(sortedText(planned.after));
				await stack.destroy(rig.world());
				if (theirs === before) expect(zone.text()).toBe(text);
				else expect(sortedText(await zone.read())).toEqual(sortedText(theirs));
			});
			expect(hits).toBeGreaterThan(25);
		},
		deadlineMs,
	);

	it(
		"a destroy equals a destroy",
		async () => {
			let hits = 0;
			await eachZone(30, fc.tuple(lenientPolicies, interruption), async (zone, [onConflict, at]) => {
				const before = zone.text();
				const stack = zone.stack(onConflict);
				await stack.up(rig.world());
				if (await whileInterrupted(at, (world) => stack.destroy(world))) hits += 1;
				await stack.destroy(rig.world());
				expect(zone.text()).toBe(before);
			});
			// Half of the numbers drawn are past the last call of a destroy.
			expect(hits).toBeGreaterThan(3);
		},
		deadlineMs,
	);
});

/** A condition that holds always, and tells when the n-th call comes. */
function callCounter(n: number, reached: () => void): () => boolean {
	let calls = 0;
	return () => {
		calls += 1;
		if (calls === n) reached();
		return true;
	};
}

/** What somebody does by hand between an up and a destroy, and what of it must be there in the end. */
interface Edit {
	name: string;
	/** Returns the sets that must stand after the destroy in place of those with the same name and type. */
	make(zone: Zone, value: string): { expect: ResourceRecordSet[] };
}

const edits: Edit[] = [
	{
		name: "a new set elsewhere",
		make(zone, value) {
			const set = txt(`hand.${zone.name}.`, [value]);
			zone.put(set);
			return { expect: [set] };
		},
	},
	{
		name: "a new DKIM selector",
		make(zone, value) {
			const set = txt(`hand._domainkey.${zone.domain}.`, [value]);
			zone.put(set);
			return { expect: [set] };
		},
	},
	{
		name: "another type at the domain",
		make(zone) {
			// Beside one that was overwritten nothing could stand, and what has come keeps it from being put back.
			const cname = (set: ResourceRecordSet) => set.Type === "CNAME" && set.Name === `${zone.domain}.`;
			if (zone.original.some(cname)) return { expect: [] };
			const set: ResourceRecordSet = {
				Name: `${zone.domain}.`,
				Type: "CAA",
				TTL: 5,
				ResourceRecords: [{ Value: '0 issue "ca.example"' }],
			};
			zone.put(set);
			return { expect: [set] };
		},
	},
	{
		name: "a deleted DKIM record of ours",
		make(zone) {
			const ours = zone
				.records()
				.find(({ Name, Type }) => Type === "CNAME" && /^[a-z0-9]{32}\._domainkey/.test(Name));
			if (ours) rig.sandbox.route53.remove(zone.id, ours.Name, "CNAME");
			return { expect: [] };
		},
	},
];

const txt = (Name: string, values: string[], TTL = 77): ResourceRecordSet => ({
	Name,
	Type: "TXT",
	TTL,
	ResourceRecords: values.map((Value) => ({ Value })),
});

describe("an edit by hand between up and destroy", { tags: ["all"] }, () => {
	it.each(edits)(
		"survives: $name; all else is as before",
		async ({ make }) => {
			await eachZone(
				10,
				fc.tuple(lenientPolicies, txtValue, fc.boolean()),
				async (zone, [onConflict, value, repaired]) => {
					const stack = zone.stack(onConflict);
					await stack.up(rig.world());
					const made = make(zone, value);
					if (repaired) {
						await stack.refresh(rig.world());
						await stack.up(rig.world());
					}
					await stack.destroy(rig.world());
					const rest = zone.original.filter(
						(set) => !made.expect.some((each) => each.Name === set.Name && each.Type === set.Type),
					);
					expect(textOf(zone.records())).toEqual(textOf([...rest, ...made.expect]));
				},
			);
		},
		deadlineMs,
	);

	it(
		"of the DMARC set survives, and takes the place of what was overwritten there",
		async () => {
			await eachZone(
				15,
				fc.tuple(
					lenientPolicies,
					txtValue.filter((value) => !/DMARC/.test(value)),
				),
				async (zone, [onConflict, value]) => {
					const name = `_dmarc.${zone.domain}`;
					const stack = zone.stack(onConflict);
					const before = zone.find(name, "TXT");
					await stack.up(rig.world());
					const published = zone.find(name, "TXT");
					if (!published || values(published).includes(value)) return;
					zone.put(txt(published.Name, [...values(published), value], published.TTL));
					await stack.destroy(rig.world());
					const written = stack.records;
					expect(written).toBeUndefined();
					const left = values(zone.find(name, "TXT"));
					expect(left.at(-1)).toBe(value);
					// Every text that stood there before, but for a policy that was overwritten, is there as it was.
					const kept = values(before).filter((each) => left.includes(each));
					expect(left).toEqual([...kept, value]);
					expect(
						values(before).filter((each) => !kept.includes(each) && !/v\s*=\s*DMARC1/.test(each)),
					).toEqual([]);
				},
			);
		},
		deadlineMs,
	);

	it(
		"of our MX stays after a destroy; a refresh and an up before it put ours back, and then theirs, or keep theirs",
		async () => {
			await eachZone(15, fc.tuple(lenientPolicies, fc.boolean()), async (zone, [onConflict, repaired]) => {
				const before = zone.text();
				const stack = zone.stack(onConflict);
				await stack.up(rig.world());
				const ours = stack.records?.outputs.written.find(({ type }) => type === "MX");
				const standing = zone.find(zone.domain, "MX");
				if (!ours || !standing) return;
				const byHand = { ...standing, ResourceRecords: [{ Value: "5 hand.example.net" }] };
				zone.put(byHand);
				if (repaired) {
					await stack.refresh(rig.world());
					expect(stack.records?.outputs.drift).toHaveLength(1);
					await stack.up(rig.world());
					const given = onConflict.mx === "keep";
					expect(zone.find(zone.domain, "MX")).toEqual(given ? byHand : standing);
					await stack.destroy(rig.world());
					if (given) expect(zone.find(zone.domain, "MX")).toEqual(byHand);
					else expect(zone.text()).toBe(before);
				} else {
					await stack.destroy(rig.world());
					expect(zone.find(zone.domain, "MX")).toEqual(byHand);
				}
			});
		},
		deadlineMs,
	);
});

const values = (set: ResourceRecordSet | undefined) => (set?.ResourceRecords ?? []).map(({ Value }) => Value);

const textOf = (sets: readonly ResourceRecordSet[]) =>
	sets.map((set) => JSON.stringify(Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
