import { describe, expect, it } from "vitest";
import { driftOf } from "../../../provider/core/records/plan.js";
import type { KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../../provider/shapes.js";
import {
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
} from "./sets.js";

const mx = ours(wantMx);
const dmarc = ours(wantDmarc);

const onConflict = { dmarc: "error", mx: "error", mailFrom: "error", spf: "error", other: "error" } as const;
const drift = (written: WrittenRecordSet[], kept: KeptRecordSet[], current: RecordSetState[]) =>
	driftOf({ written, kept }, current, { ttl: 300, onConflict });

describe("drift", () => {
	it("is none while all stands as it was written, in whatever spelling", () => {
		const current = [
			standing(domain, "MX", ["10 INBOUND-smtp.us-east-1.amazonaws.com."], 300),
			standing(dmarcName, "TXT", ['"v=DMARC1; " "p=none;"'], 300),
		];
		expect(drift([mx, dmarc], [], current)).toEqual([]);
	});

	it("is a value that is gone, and names what stands there instead", () => {
		expect(drift([mx], [], [])).toEqual([`MX ${domain}: ${inbound} is gone; found nothing`]);
		expect(drift([mx], [], [standing(domain, "MX", ["10 hand.acme.com"])])).toEqual([
			`MX ${domain}: ${inbound} is gone; found MX 10 hand.acme.com`,
		]);
		expect(drift([dmarc], [], [standing(dmarcName, "CNAME", ["p.example.net"])])).toEqual([
			`TXT ${dmarcName}: ${policy} is gone; found CNAME p.example.net`,
		]);
	});

	it("is another TTL of a set that is ours alone", () => {
		expect(drift([mx], [], [standing(domain, "MX", [inbound], 77)])).toEqual([
			`MX ${domain}: the TTL is 77 s instead of 300 s`,
		]);
	});

	it("is no TTL of a set that others share", () => {
		const shared = ours(wantDmarc, { ttl: 60, others: ['"x"'] });
		expect(drift([shared], [], [standing(dmarcName, "TXT", ['"x"', policy], 77)])).toEqual([]);
	});

	it("is nothing that others add, except a second DMARC policy", () => {
		expect(drift([mx], [], [standing(domain, "MX", [inbound, "20 hand.acme.com"], 77)])).toEqual([]);
		expect(drift([dmarc], [], [standing(dmarcName, "TXT", [policy, '"x"'], 300)])).toEqual([]);
		const second = '"v=DMARC1; p=reject"';
		expect(drift([dmarc], [], [standing(dmarcName, "TXT", [policy, second], 300)])).toEqual([
			`TXT ${dmarcName}: ${second} stands beside it`,
		]);
	});

	it("is an identical record of others that is gone, and no conflicting one", () => {
		const kept: KeptRecordSet = {
			name: dkimName,
			type: "CNAME",
			wanted: wantDkim.values,
			found: [dkimTarget],
			reason: "identical",
		};
		expect(drift([], [kept], [standing(dkimName, "CNAME", [dkimTarget], 77)])).toEqual([]);
		expect(drift([], [kept], [])).toHaveLength(1);
		expect(drift([], [{ ...kept, reason: "conflict" }], [])).toEqual([]);
	});
});
