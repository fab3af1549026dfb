import { describe, expect, it } from "vitest";
import type { RecordSet } from "../../../dns/index.js";
import { kindInState } from "../../../provider/arguments/record-kinds.js";
import { type Change, changesFor } from "../../../provider/core/hosts/route53/changes.js";
import { type PlanInput, plan as planFor } from "../../../provider/core/records/plan.js";
import { afterIntents } from "../../../provider/core/zones/intents.js";
import type { RecordSetState, WrittenRecordSet } from "../../../provider/shapes.js";
import {
	alias,
	dkimName,
	dkimTarget,
	dmarcName,
	domain,
	inbound,
	ours,
	policy,
	standing,
	wantDkim,
	wantDmarc,
	wantMx,
	weighted,
} from "./sets.js";

const policies = { dmarc: "error", mx: "error", mailFrom: "error", spf: "error", other: "error" } as const;
const keep = { dmarc: "keep", mx: "keep", mailFrom: "keep", spf: "keep", other: "keep" } as const;
const overwrite = {
	dmarc: "overwrite",
	mx: "overwrite",
	mailFrom: "overwrite",
	spf: "overwrite",
	other: "overwrite",
} as const;

interface Given {
	desired: RecordSet[];
	current: RecordSetState[];
	/** Default: what stands there now. */
	before: RecordSetState[];
	owned: WrittenRecordSet[];
	policies: PlanInput["policies"];
	seen: RecordSetState[] | undefined;
}

/** A plan, as Route 53 and the state have it. */
function plan({ current = [], before = current, owned = [], desired = [], seen, ...more }: Partial<Given>) {
	const ledger = { written: owned, kept: [], seen };
	const made = planFor({
		...{ ledger, snapshot: before, current, ttl: 300, policies, ...more },
		desired: desired.map((set) => ({ ...set, kind: kindInState(set) })),
	});
	return {
		changes: changesFor(made.intents, current),
		after: afterIntents(current, made.intents),
		written: made.written,
		kept: made.kept,
		conflicts: made.refused,
		toShow: made.toShow,
		notes: made.notes,
	};
}

function removal(written: WrittenRecordSet[], current: RecordSetState[], canRestore = true) {
	const ledger = { written, kept: [] };
	const { intents } = planFor({ ledger, snapshot: [], current, desired: [], ttl: 300, policies, canRestore });
	return { changes: changesFor(intents, current), after: afterIntents(current, intents) };
}

const created = (set: RecordSetState): Change => ({ action: "CREATE", set });
const deleted = (set: RecordSetState): Change => ({ action: "DELETE", set });

describe("where nothing stands", () => {
	it("creates every set, and owns it", () => {
		const { changes, written, kept, conflicts } = plan({ desired: [wantMx, wantDmarc, wantDkim] });
		expect(changes).toEqual([created(wantMx), created(wantDmarc), created(wantDkim)]);
		expect(written).toEqual([ours(wantMx), ours(wantDmarc), ours(wantDkim)]);
		expect([kept, conflicts]).toEqual([[], []]);
	});

	it("takes no notice of other names and types", () => {
		const current = [
			standing(domain, "A", ["192.0.2.1"]),
			standing(domain, "TXT", ['"v=spf1 -all"']),
			standing("acme.com", "MX", ["10 mx.acme.com"]),
			alias(domain, "AAAA", "lb.example.net"),
		];
		expect(plan({ desired: [wantMx], current })).toMatchObject({ changes: [created(wantMx)], conflicts: [] });
	});
});

describe("where the same stands already", () => {
	it("keeps it, and does not own what stood there before", () => {
		const current = [standing(domain, "MX", [inbound])];
		const { changes, written, kept } = plan({ desired: [wantMx], current });
		expect([changes, written]).toEqual([[], []]);
		expect(kept).toEqual([
			{ name: domain, type: "MX", wanted: [inbound], found: [inbound], reason: "identical" },
		]);
	});

	it.each([
		["MX", domain, "10 INBOUND-smtp.us-east-1.amazonaws.com.", wantMx],
		["CNAME", dkimName, `${dkimTarget.toUpperCase()}.`, wantDkim],
		["TXT", dmarcName, '"v=DMARC1;" " p=none;"', wantDmarc],
		["TXT", dmarcName, '"v=DMARC1;"" p=no\\156e;"', wantDmarc],
	])("knows the same %s in another spelling", (type, name, value, want) => {
		expect(plan({ desired: [want], current: [standing(name, type, [value])] })).toMatchObject({
			changes: [],
			kept: [{ reason: "identical", found: [value] }],
		});
	});

	it("owns what came since: an earlier attempt wrote it and could not say so", () => {
		const current = [standing(domain, "MX", [inbound], 300)];
		const { changes, written } = plan({ desired: [wantMx], current, before: [] });
		expect(changes).toEqual([]);
		expect(written).toEqual([ours(wantMx)]);
	});

	it("goes on owning what state lists, whatever a newer look shows", () => {
		const current = [standing(domain, "MX", [inbound], 300)];
		const { written } = plan({ desired: [wantMx], current, before: current, owned: [ours(wantMx)] });
		expect(written).toEqual([ours(wantMx)]);
	});

	it("changes the TTL of a set that is ours alone, and of no other", () => {
		const mine = standing(domain, "MX", [inbound], 60);
		expect(plan({ desired: [wantMx], current: [mine], before: [] }).changes).toEqual([
			deleted(mine),
			created(wantMx),
		]);
		const shared = standing(dmarcName, "TXT", ['"mine"', policy], 60);
		const before = [standing(dmarcName, "TXT", ['"mine"'], 60)];
		expect(plan({ desired: [wantDmarc], current: [shared], before })).toMatchObject({
			changes: [],
			written: [{ ttl: 60, values: [policy], others: ['"mine"'] }],
		});
	});
});

describe("beside TXT values of others", () => {
	const found = standing(dmarcName, "TXT", ['"b" "ytes"', '"\\303\\244 and \\"quotes\\""'], 60);

	it("adds ours behind them, and keeps their bytes, their order and their TTL", () => {
		const { changes, written } = plan({ desired: [wantDmarc], current: [found] });
		const merged = { ...found, values: [...found.values, policy] };
		expect(changes).toEqual([deleted(found), created(merged)]);
		expect(written).toEqual([ours(wantDmarc, { ttl: 60, others: found.values })]);
	});

	it("leaves them as they were when ours is removed", () => {
		const { after: current, written } = plan({ desired: [wantDmarc], current: [found] });
		expect(removal(written, current).after).toEqual([found]);
	});

	it("adds several values of one name at once", () => {
		const want = { ...wantDmarc, name: domain, values: ['"one"', '"two"'] };
		expect(plan({ desired: [want] }).changes).toEqual([created(want)]);
	});
});

describe("conflicts", () => {
	const otherMx = standing(domain, "MX", ["10 mx.acme.com"]);
	const otherDmarc = standing(dmarcName, "TXT", ['"v=DMARC1; p=reject"']);
	const otherDkim = standing(dkimName, "CNAME", ["elsewhere.example.net"]);

	it.each([
		["mx", wantMx, otherMx],
		["mx", wantMx, weighted(domain, "MX", [inbound], "one")],
		["other", wantMx, standing(domain, "CNAME", ["www.acme.com"])],
		["dmarc", wantDmarc, otherDmarc],
		["dmarc", wantDmarc, standing(dmarcName, "CNAME", ["policy.example.net"])],
		["dmarc", wantDmarc, standing(dmarcName, "NS", ["ns.vendor.example"])],
		["dmarc", wantDmarc, weighted(dmarcName, "TXT", ['"x"'], "one")],
		["other", wantDkim, otherDkim],
		["other", wantDkim, standing(dkimName, "TXT", ['"v=DKIM1; p=x"'])],
		["other", wantDkim, alias(dkimName, "A", "lb.example.net")],
		["other", wantDkim, alias(dkimName, "CNAME", "x.acme.com")],
	])("that %s decides are told with what is wanted and what is found (%#)", (policy, want, found) => {
		const result = plan({ desired: [want], current: [found] });
		const { name, type, values: wanted } = want;
		expect(result.conflicts).toEqual([
			{ kind: kindInState(want), policy, name, type, wanted, found: [found] },
		]);
		expect([result.changes, result.written]).toEqual([[], []]);
	});

	it("are no other TXT values at the name of the policy", () => {
		const text = standing(dmarcName, "TXT", ['"v=DMARC10"', '"a v=DMARC1; p=none"']);
		expect(plan({ desired: [wantDmarc], current: [text] }).conflicts).toEqual([]);
	});

	it("are a second policy even beside the same one as ours", () => {
		const two = standing(dmarcName, "TXT", [policy, '"v=DMARC1; p=reject"']);
		expect(plan({ desired: [wantDmarc], current: [two] }).conflicts).toHaveLength(1);
	});

	it("are no further mail exchangers beside the same one as ours", () => {
		const two = standing(domain, "MX", [inbound, "20 mx.acme.com"]);
		expect(plan({ desired: [wantMx], current: [two] })).toMatchObject({
			conflicts: [],
			kept: [{ reason: "identical" }],
		});
	});

	it("with keep leave the value, and do not publish ours", () => {
		const current = [otherMx, otherDmarc, otherDkim];
		const result = plan({ desired: [wantMx, wantDmarc, wantDkim], current, policies: keep });
		expect([result.changes, result.written, result.conflicts]).toEqual([[], [], []]);
		expect(result.kept.map(({ found, reason }) => [found, reason])).toEqual([
			[["MX 10 mx.acme.com"], "conflict"],
			[['TXT "v=DMARC1; p=reject"'], "conflict"],
			[["CNAME elsewhere.example.net"], "conflict"],
		]);
	});

	it("are decided kind by kind", () => {
		const current = [otherMx, otherDmarc];
		const result = plan({
			desired: [wantMx, wantDmarc],
			current,
			policies: { ...policies, mx: "keep" },
		});
		expect(result.kept.map(({ name }) => name)).toEqual([domain]);
		expect(result.conflicts.map(({ kind }) => kind)).toEqual(["dmarc"]);
	});
});

describe("overwriting", () => {
	/** Publishes over what stands, removes again, and says what stands then. */
	function roundTrip(current: RecordSetState[], desired: RecordSet[], edit = (s: RecordSetState[]) => s) {
		const { after: published, written } = plan({ desired, current, policies: overwrite });
		const edited = edit(published);
		return { published, written, after: removal(written, edited).after };
	}

	it.each([
		["a mail exchanger", wantMx, [standing(domain, "MX", ["10 mx.acme.com", "20 mx2.acme.com"])]],
		[
			"routed sets",
			wantMx,
			[weighted(domain, "MX", [inbound], "a"), weighted(domain, "MX", ["10 x.acme.com"], "b")],
		],
		["a CNAME", wantDmarc, [standing(dmarcName, "CNAME", ["policy.example.net"])]],
		[
			"sets beside which no CNAME can stand",
			wantDkim,
			[standing(dkimName, "TXT", ['"v=DKIM1; p=x"']), alias(dkimName, "A", "lb.example.net")],
		],
		[
			"a policy among other texts",
			wantDmarc,
			[standing(dmarcName, "TXT", ['"x"', '"v=DMARC1; p=reject"', '"y"'], 60)],
		],
	])("replaces %s, remembers it, and the removal puts it back as it was", (_, want, current) => {
		const { published, written, after } = roundTrip(current, [want]);
		expect(published.flatMap(({ values }) => values)).toContain(want.values[0]);
		expect(written[0]?.replaced).toEqual(current);
		expect(after).toEqual(current);
	});

	it("keeps the other texts beside a replaced policy", () => {
		const { published } = roundTrip(
			[standing(dmarcName, "TXT", ['"x"', '"v=DMARC1; p=reject"', '"y"'], 60)],
			[wantDmarc],
		);
		expect(published).toEqual([standing(dmarcName, "TXT", ['"x"', '"y"', policy], 60)]);
	});

	it.each([
		[
			"a value was added",
			(sets: RecordSetState[]) =>
				sets.map((set) => ({ ...set, values: [...set.values, "30 hand.acme.com"] })),
		],
		["the TTL was changed", (sets: RecordSetState[]) => sets.map((set) => ({ ...set, ttl: 77 }))],
		["all was deleted", () => []],
	])("does not put back what was replaced where %s since", (_, edit) => {
		const { after } = roundTrip([standing(domain, "MX", ["10 mx.acme.com"])], [wantMx], edit);
		expect(after.flatMap(({ values }) => values)).not.toContain("10 mx.acme.com");
		expect(after.flatMap(({ values }) => values)).not.toContain(inbound);
	});

	it("does not put back a CNAME where something has come to stand beside ours", () => {
		const { after } = roundTrip(
			[standing(dmarcName, "CNAME", ["policy.example.net"])],
			[wantDmarc],
			(sets) => [...sets, standing(dmarcName, "A", ["192.0.2.1"])],
		);
		expect(after).toEqual([standing(dmarcName, "A", ["192.0.2.1"])]);
	});

	it.each([
		[
			"a policy, with the texts",
			[standing(dmarcName, "TXT", ['"v=DMARC1; p=reject"'])],
			[standing(dmarcName, "TXT", ['"v=DMARC1; p=reject"', '"proof"'])],
		],
		[
			"name servers, beside the texts",
			[standing(dmarcName, "NS", ["ns.vendor.test"])],
			[standing(dmarcName, "TXT", ['"proof"'], 300), standing(dmarcName, "NS", ["ns.vendor.test"])],
		],
		[
			"no CNAME, but the texts",
			[standing(dmarcName, "CNAME", ["policy.example.net"])],
			[standing(dmarcName, "TXT", ['"proof"'], 300)],
		],
	])(
		"puts back %s that have come to stand beside ours and that a later plan has seen",
		(_, before, after) => {
			const { published, written } = roundTrip(before, [wantDmarc]);
			const added = published.map((set) => ({ ...set, values: [...set.values, '"proof"'] }));
			const later = plan({
				desired: [wantDmarc],
				current: added,
				before,
				owned: written,
				policies: overwrite,
			});
			expect(later.written[0]?.others).toEqual(['"proof"']);
			const standingThen = later.after;
			expect(removal(later.written, standingThen).after).toEqual(after);
		},
	);

	it("goes on remembering in later plans", () => {
		const current = [standing(domain, "MX", ["10 mx.acme.com"])];
		const { published, written } = roundTrip(current, [wantMx]);
		const again = plan({
			desired: [wantMx],
			current: published,
			before: current,
			owned: written,
			policies: overwrite,
		});
		expect(again.changes).toEqual([]);
		expect(again.written).toEqual(written);
	});

	it("remembers also what an earlier attempt replaced that could not say so", () => {
		const before = [standing(domain, "MX", ["10 mx.acme.com"])];
		const current = [standing(domain, "MX", [inbound], 300)];
		const { changes, written } = plan({ desired: [wantMx], current, before, policies: overwrite });
		expect(changes).toEqual([]);
		expect(written).toEqual([ours(wantMx, { replaced: before })]);
	});

	it("puts back the other policy alone where the same one as ours stood there before", () => {
		const both = standing(dmarcName, "TXT", [policy, '"v=DMARC1; p=reject"']);
		const { published, written, after } = roundTrip([both], [wantDmarc]);
		expect(published[0]?.values).toEqual([policy]);
		expect(written[0]?.values).toEqual([]);
		expect(after).toEqual([both]);
	});

	it("goes on remembering the other policy where the same one as ours stood there before, told or not", () => {
		const both = standing(dmarcName, "TXT", [policy, '"v=DMARC1; p=reject"']);
		const { published, written } = roundTrip([both], [wantDmarc]);
		for (const owned of [written, []]) {
			const later = plan({
				desired: [wantDmarc],
				current: published,
				before: [both],
				owned,
				policies: overwrite,
			});
			expect(later.changes).toEqual([]);
			expect(later.written).toEqual(written);
		}
	});

	it("never puts back a value of ours", () => {
		const mine = standing(dmarcName, "TXT", [policy], 300);
		const current = [{ ...mine, values: [policy, '"v=DMARC1; p=reject"'] }];
		const { written } = plan({
			desired: [wantDmarc],
			current,
			before: [],
			owned: [ours(wantDmarc)],
			policies: overwrite,
		});
		expect(written[0]?.replaced).toEqual([{ ...mine, values: ['"v=DMARC1; p=reject"'] }]);
	});
});

describe("a later plan", () => {
	describe.each([
		["changed", [standing(domain, "MX", ["10 hand.acme.com"], 60)]],
		["deleted", []],
		["gave another TTL", [standing(domain, "MX", [inbound], 60)]],
	])("of what others %s of ours", (_, current) => {
		const input = { desired: [wantMx], current, before: [], owned: [ours(wantMx)] };

		it("puts it back once a refresh has shown it", () => {
			const result = plan({ ...input, seen: current });
			expect(result.conflicts).toEqual([]);
			expect(result.changes).toEqual([...current.map(deleted), created(wantMx)]);
			expect(result.written).toEqual([ours(wantMx)]);
		});

		it("is refused while nobody has seen it, or has seen something else", () => {
			for (const seen of [undefined, [standing(domain, "MX", ["20 hand.acme.com"], 60)]]) {
				const { conflicts, changes } = plan({ ...input, seen });
				expect(conflicts).toMatchObject([{ kind: "mx", found: current, unseen: true }]);
				expect(changes).toEqual([]);
			}
		});

		it("keeps it for good where the policy says so, seen or not, unless nothing is there to keep", () => {
			for (const seen of current.length > 0 ? [undefined, current] : [undefined]) {
				const { conflicts, changes, written } = plan({ ...input, seen, policies: keep });
				expect([conflicts, changes]).toEqual([[], []]);
				const ours = current.length === 0 || current.some(({ values }) => values.includes(inbound));
				expect(written.map(({ values }) => values)).toEqual(ours ? [[inbound]] : []);
			}
		});

		it("overwrites it where the policy says so, and remembers what nobody had seen", () => {
			const { changes, written } = plan({ ...input, policies: overwrite });
			expect(changes).toEqual([...current.map(deleted), created(wantMx)]);
			const foreign = current.filter(({ values }) => !values.includes(inbound));
			expect(written).toEqual([ours(wantMx, foreign.length > 0 ? { replaced: foreign } : {})]);
		});
	});

	it("asks nothing where an earlier attempt made what is wanted and could not say so", () => {
		const current = [standing(dkimName, "CNAME", [dkimTarget], 300)];
		const owned = [ours({ ...wantDkim, values: ["old.dkim.amazonses.com"] })];
		const result = plan({ desired: [wantDkim], current, before: [], owned });
		expect([result.conflicts, result.changes]).toEqual([[], []]);
		expect(result.written).toEqual([ours(wantDkim)]);
	});

	it("leaves what others added beside ours where ours gets another value", () => {
		const want = { ...wantMx, values: ["10 inbound-smtp.eu-west-1.amazonaws.com"] };
		const current = [standing(domain, "MX", [inbound, "20 hand.acme.com"], 300)];
		const result = plan({ desired: [want], current, before: [], owned: [ours(wantMx)] });
		expect(result.conflicts).toEqual([]);
		expect(result.changes).toEqual([
			...current.map(deleted),
			created(standing(domain, "MX", ["20 hand.acme.com", ...want.values], 300)),
		]);
	});

	it("leaves what others added to ours, and does not own it", () => {
		const grown = standing(domain, "MX", [inbound, "20 hand.acme.com"], 300);
		const result = plan({ desired: [wantMx], current: [grown], before: [], owned: [ours(wantMx)] });
		expect(result.changes).toEqual([]);
		expect(result.written).toEqual([ours(wantMx, { others: ["20 hand.acme.com"] })]);
	});

	it("does not take the texts beside ours for a change of ours", () => {
		const texts = standing(dmarcName, "TXT", ['"foreign"'], 60);
		const owned = [ours(wantDmarc, { ttl: 60, others: ['"foreign"'] })];
		const result = plan({ desired: [wantDmarc], current: [texts], before: [texts], owned, seen: [texts] });
		expect(result.changes).toEqual([deleted(texts), created({ ...texts, values: ['"foreign"', policy] })]);
	});

	it("refuses a CNAME that has come in the place of ours", () => {
		const current = [standing(dmarcName, "CNAME", ["policy.example.net"])];
		const { conflicts } = plan({ desired: [wantDmarc], current, before: [], owned: [ours(wantDmarc)] });
		expect(conflicts).toHaveLength(1);
	});

	it.each([
		["nothing", []],
		["nothing but texts", [standing(dmarcName, "TXT", ['"foreign"'], 60)]],
	])("with keep puts ours back where %s stands, once a preview has shown that", (_, current) => {
		const input = {
			desired: [wantDmarc],
			current,
			before: current,
			owned: [ours(wantDmarc)],
			policies: keep,
		};
		expect(plan({ ...input, seen: current })).toMatchObject({ kept: [], written: [{ values: [policy] }] });
		expect(plan(input)).toMatchObject({
			kept: [],
			changes: [],
			toShow: [expect.stringContaining(policy)],
			written: [{ values: [policy] }],
		});
	});

	it("replaces values that are no longer wanted", () => {
		const current = [standing(dkimName, "CNAME", ["old.dkim.amazonses.com"], 300)];
		const owned = [ours({ ...wantDkim, values: ["old.dkim.amazonses.com"] })];
		const result = plan({ desired: [wantDkim], current, before: [], owned });
		expect(result.changes).toEqual([...current.map(deleted), created(wantDkim)]);
		expect(result.written).toEqual([ours(wantDkim)]);
	});

	it("takes away sets that are no longer wanted, without what others added to them", () => {
		const grown = standing(domain, "MX", [inbound, "20 hand.acme.com"], 300);
		const result = plan({ desired: [], current: [grown], before: [], owned: [ours(wantMx)] });
		expect(result.changes).toEqual([deleted(grown), created({ ...grown, values: ["20 hand.acme.com"] })]);
		expect(result.written).toEqual([]);
	});

	it("may want another type at a name of ours", () => {
		const current = [standing(dkimName, "CNAME", [dkimTarget], 300)];
		const want = { ...wantDkim, type: "TXT", values: ['"v=DKIM1; p=x"'] };
		const result = plan({ desired: [want], current, before: [], owned: [ours(wantDkim)] });
		expect(result.conflicts).toEqual([]);
		expect(result.changes).toEqual([...current.map(deleted), created(want)]);
	});

	describe("of two values of which one stood there before", () => {
		const name = `bounce.${domain}`;
		const want = { name, type: "TXT", ttl: 300, values: ['"one"', '"two"'] };
		const before = [standing(name, "TXT", ['"one"'], 60)];
		const first = plan({ desired: [want], current: before });

		it("owns the other one, and knows what was wanted", () => {
			expect(first.written).toEqual([
				{ name, type: "TXT", ttl: 60, values: ['"two"'], wanted: want.values, others: ['"one"'] },
			]);
			expect(removal(first.written, first.after).after).toEqual(before);
		});

		it("tells when theirs has gone, and then publishes it as ours once a preview has shown that", () => {
			const current = [standing(name, "TXT", ['"two"'], 60)];
			const given = { desired: [want], current, before, owned: first.written };
			expect(plan(given)).toMatchObject({ changes: [], conflicts: [{ unseen: true }] });
			const again = plan({ ...given, seen: current });
			expect(again.notes).toEqual([`TXT ${name}: "one" is gone; found TXT "two"`]);
			expect(again.written).toMatchObject([{ values: want.values, others: [] }]);
		});
	});

	it("has nothing to do when the last one was made", () => {
		const before = [standing(dmarcName, "TXT", ['"foreign"'], 60), standing(domain, "MX", [inbound])];
		const desired = [wantMx, wantDmarc, wantDkim];
		const first = plan({ desired, current: before });
		const second = plan({
			desired,
			current: first.after,
			before,
			owned: first.written,
		});
		expect(second).toEqual({ ...first, changes: [] });
	});
});

describe("a removal", () => {
	it("deletes sets that hold nothing but ours", () => {
		const current = [standing(domain, "MX", [inbound], 300), standing(dkimName, "CNAME", [dkimTarget], 300)];
		expect(removal([ours(wantMx), ours(wantDkim)], current).changes).toEqual(current.map(deleted));
	});

	it("leaves what is no longer there, or no longer ours", () => {
		const current = [
			standing(domain, "MX", ["10 hand.acme.com"]),
			weighted(dkimName, "CNAME", ["x.acme.com"], "a"),
		];
		expect(removal([ours(wantMx), ours(wantDkim), ours(wantDmarc)], current).changes).toEqual([]);
	});

	it("takes ours out of a set in whatever spelling it has now, and keeps the set's TTL", () => {
		const set = standing(dmarcName, "TXT", ['"a"', '"v=DMARC1; " "p=none;"', '"b"'], 60);
		expect(removal([ours(wantDmarc)], [set]).changes).toEqual([
			deleted(set),
			created({ ...set, values: ['"a"', '"b"'] }),
		]);
	});

	it("puts nothing back where that is impossible", () => {
		const mine = standing(domain, "MX", [inbound], 300);
		const written = ours(wantMx, { replaced: [alias(domain, "MX", "gone.acme.com")] });
		expect(removal([written], [mine]).changes).toHaveLength(2);
		expect(removal([written], [mine], false).changes).toEqual([deleted(mine)]);
	});
});
