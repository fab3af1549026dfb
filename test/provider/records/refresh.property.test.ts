import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../../../provider/core/errors.js";
import type { RecordsOutputs } from "../../../provider/core/inputs.js";
import type { RecordSetState } from "../../../provider/shapes.js";
import { policies } from "./foreign-zones.js";
import { alias, dkimName, dkimTarget, dmarcName, domain, inbound, policy, standing } from "./sets.js";
import { stage } from "./stage.js";

const ttls = fc.constantFrom(60, 300, 900);

/** What may stand at a name, of one type: any of these values, or something that keeps them out. */
const sets = (name: string, type: string, values: string[], ...blocking: RecordSetState[]) =>
	fc.oneof(
		{ weight: 2, arbitrary: fc.constant<RecordSetState[]>([]) },
		{
			weight: 6,
			arbitrary: fc
				.tuple(fc.subarray(values, { minLength: 1, maxLength: type === "CNAME" ? 1 : values.length }), ttls)
				.map(([some, ttl]) => [standing(name, type, some, ttl)]),
		},
		{ weight: 1, arbitrary: fc.constantFrom(...blocking).map((set) => [set]) },
	);

/** All that may stand where a setup publishes, ours and others'. */
const zones = fc
	.tuple(
		sets(domain, "MX", [inbound, "10 mx.acme.com"], standing(domain, "CNAME", ["www.acme.com"])),
		sets(
			dmarcName,
			"TXT",
			[policy, '"v=DMARC1; p=reject"', '"text"'],
			standing(dmarcName, "CNAME", ["p.example.net"]),
		),
		sets(dkimName, "CNAME", [dkimTarget, "other.example.net"], alias(dkimName, "A", "lb.example.net")),
	)
	.map((each) => each.flat());

const settings = fc.record({
	ttl: ttls,
	onConflict: policies,
	records: fc.subarray(["dkim" as const, "mx" as const, "dmarc" as const], { minLength: 1 }),
});

const codeOf = (error: unknown) => (error instanceof UserError ? error.code : `${error}`);

test("once a refresh has seen a zone, no update is refused for what no preview has shown, and each one settles", async () => {
	let updates = 0;
	await fc.assert(
		fc.asyncProperty(zones, settings, zones, settings, async (before, first, after, second) => {
			const { create, read, update, diff, route53, zone } = stage(...before);
			const made = await create(first).catch(codeOf);
			if (typeof made === "string") return void expect(made).toBe("records-conflict");
			for (const set of route53.records(zone)) route53.remove(zone, set);
			for (const set of after) route53.put(zone, set);
			const outputs = (await read(made)) as RecordsOutputs;
			const isTold = (await diff({ ...made, outputs }, second)).length > 0;
			const stood = JSON.stringify(route53.records(zone));
			const updated = await update({ ...made, outputs }, second).catch(codeOf);
			if (typeof updated === "string") return void expect(updated).toBe("records-conflict");
			updates += 1;
			expect(isTold || JSON.stringify(route53.records(zone)) === stood).toBe(true);
			const done = { ...made, outputs: updated };
			expect(await diff(done, second)).toEqual([]);
			const again = { ...made, outputs: (await read(done)) as RecordsOutputs };
			expect(await diff(again, second)).toEqual([]);
		}),
		{ numRuns: 500 },
	);
	expect(updates).toBeGreaterThan(50);
});
