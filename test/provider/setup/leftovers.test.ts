import { describe, expect, it } from "vitest";
import { leftovers } from "../../../provider/core/setup/leftovers.js";
import type { RecordSetState } from "../../../provider/shapes.js";

const mx = (...values: string[]): RecordSetState => ({
	name: "mail.acme.test",
	type: "MX",
	ttl: 300,
	values,
});
const dmarc = (...values: string[]): RecordSetState => ({
	name: "_dmarc.mail.acme.test",
	type: "TXT",
	ttl: 300,
	values,
});
const desired = [
	{ ...mx("10 inbound-smtp.us-east-1.amazonaws.com"), ttl: 300 },
	{ ...dmarc('"v=DMARC1; p=none"'), ttl: 300 },
];

describe("leftovers", () => {
	it("are what stands of our values, in whatever spelling, beside those of others", () => {
		const current = [
			mx("10 INBOUND-SMTP.us-east-1.amazonaws.com.", "20 backup.example"),
			dmarc('"v=DMARC1; p=none"'),
		];
		expect(leftovers(desired, current, []).map(({ type, values }) => [type, ...values])).toEqual([
			["MX", "10 INBOUND-SMTP.us-east-1.amazonaws.com."],
			["TXT", '"v=DMARC1; p=none"'],
		]);
	});

	it("are never what stood there before we came", () => {
		expect(leftovers(desired, desired, [dmarc('"v=DMARC1; p=none"')])).toMatchObject([{ type: "MX" }]);
	});

	it("are none where nothing stands, or only what others put there", () => {
		expect(leftovers(desired, [], [])).toEqual([]);
		expect(leftovers(desired, [mx("10 mx.example"), dmarc('"v=DMARC1; p=reject"')], [])).toEqual([]);
	});
});
