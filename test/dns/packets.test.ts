import * as packet from "dns-packet";
import { describe, expect, it } from "vitest";
import { decodeAnswer, encodeQuestion } from "../../dns/packets.js";
import { cname, mx, txt } from "./server.js";

const response = (answers: packet.Answer[]) =>
	packet.encode({ type: "response", flags: packet.AUTHORITATIVE_ANSWER, answers });

describe("a question", () => {
	it("has the octets of a name that is no host's", () => {
		const question = encodeQuestion("\\040t\\302\\240.com\\056.acme.com", "CNAME", 7);
		const labels = [" t\u00a0", "com.", "acme", "com"].map((label) => Buffer.from(label));
		const name = Buffer.concat(labels.flatMap((label) => [Buffer.of(label.length), label]));
		expect(question?.subarray(12)).toEqual(Buffer.concat([name, Buffer.of(0, 0, 5, 0, 1)]));
		expect(question?.readUInt16BE(0)).toBe(7);
	});

	it.each(["a..b", `${"a".repeat(64)}.com`, Array(130).fill("a").join(".")])("is none for %s", (name) => {
		expect(encodeQuestion(name, "TXT", 0)).toBeUndefined();
	});
});

describe("an answer", () => {
	it("is read as Node's resolver shows it", () => {
		expect(decodeAnswer(response([cname("a.b", "T.dkim.example")]), "CNAME")).toEqual({
			kind: "found",
			values: ["T.dkim.example"],
		});
		expect(decodeAnswer(response([mx("a.b", 10, "in.example"), mx("a.b", 0, ".")]), "MX")).toEqual({
			kind: "found",
			values: ["10 in.example", "0 ."],
		});
		expect(decodeAnswer(response([txt("a.b", "v=DMARC1; ", "p=none"), txt("a.b", "é")]), "TXT")).toEqual({
			kind: "found",
			values: ["v=DMARC1; p=none", "é"],
		});
	});

	it("shows what is odd in a host name", () => {
		expect(decodeAnswer(response([cname("a.b", 'a "host".example')]), "CNAME")).toMatchObject({
			values: ['a\\032"host".example'],
		});
	});

	it("has what stands before the cut, where it was cut short", () => {
		const whole = response([cname("a.b", "one.example"), cname("a.b", "two.example")]);
		expect(decodeAnswer(whole.subarray(0, -4), "CNAME")).toEqual({ kind: "found", values: ["one.example"] });
		expect(decodeAnswer(whole.subarray(0, 12), "CNAME")).toEqual({ kind: "none", reason: "NODATA" });
	});

	it("is none where its names point back at each other", () => {
		const loop = Buffer.concat([Buffer.alloc(12), Buffer.of(0xc0, 12)]);
		loop.writeUInt16BE(1, 6);
		expect(decodeAnswer(loop, "CNAME")).toEqual({ kind: "none", reason: "NODATA" });
	});
});
