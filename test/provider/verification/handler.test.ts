import { describe, expect, test } from "vitest";
import type { VerificationInputs, VerificationOutputs } from "../../../provider/core/inputs.js";
import { verificationHandler } from "../../../provider/core/verification/handler.js";
import type { DiffWorld } from "../../../provider/core/world.js";
import type { DnsRecord } from "../../../provider/shapes.js";

const setupId = "6f1c1d9e-5b53-4c29-9d6f-0f3a4f2a1b11";
const mx: DnsRecord = {
	address: "mail.acme.test",
	type: "MX",
	record: "10 inbound-smtp.us-east-1.amazonaws.com",
};
const olds: VerificationOutputs = {
	setupId,
	dnsRecords: [{ ...mx, verified: true }],
	verifiedDomain: "mail.acme.test",
};

const world = {} as DiffWorld;

const changes = async (news: Partial<VerificationInputs>, state = olds) => {
	const inputs = { setupId, dnsRecords: [mx], ...news };
	return (await verificationHandler.diff(world, setupId, state, inputs)).length > 0;
};

describe("the diff of a wait", () => {
	test("has no regard to the domain that earlier versions had among the inputs", async () => {
		expect(await changes({})).toBe(false);
		expect(await changes({ verifiedDomain: "mail.acme.test" })).toBe(false);
	});

	test("waits anew for a record that is no longer verified, and for other records", async () => {
		const unverified = { ...olds, dnsRecords: [{ ...mx, verified: false }] };
		expect(await changes({}, unverified)).toBe(true);
		expect(await changes({ dnsRecords: [{ ...mx, record: "10 mx.other.test" }] })).toBe(true);
	});

	test("does not wait anew for another spelling of the records", async () => {
		const spelled = { ...mx, address: "Mail.acme.test.", record: "10 Inbound-SMTP.us-east-1.amazonaws.com." };
		expect(await changes({ dnsRecords: [spelled] })).toBe(false);
	});
});
