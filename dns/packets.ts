/** Questions and answers on the wire (RFC 1035, 4), as far as Node's resolver cannot write or show them. Pure. */
import type { Answer } from "./answer.js";
import { canonicalName } from "./names.js";
import { decodeText } from "./txt.js";

/** The types that are read here, by their numbers (RFC 1035, 3.2.2). */
const TYPES = { NS: 2, CNAME: 5, MX: 15, TXT: 16 } as const;

export type PacketType = keyof typeof TYPES;

export const isPacketType = (type: string): type is PacketType => Object.hasOwn(TYPES, type);

const HEADER_BYTES = 12;
/** How often a name may point back before it counts as endless. */
const MAX_POINTERS = 32;
const MAX_LABEL_BYTES = 63;
const MAX_NAME_BYTES = 255;

/**
 * A question, without recursion.
 * @param name what is odd in a label is escaped as Route 53 does it: `\040`
 * @param id 0 to 65535
 * @returns undefined if DNS cannot carry the name
 */
export function encodeQuestion(name: string, type: PacketType, id: number): Buffer | undefined {
	const labels = canonicalName(name).split(".").map(octets);
	if (labels.some(({ length }) => length === 0 || length > MAX_LABEL_BYTES)) return undefined;
	const encoded = Buffer.concat([
		...labels.flatMap((label) => [Buffer.of(label.length), label]),
		Buffer.of(0),
	]);
	if (encoded.length > MAX_NAME_BYTES) return undefined;
	const header = Buffer.alloc(HEADER_BYTES);
	header.writeUInt16BE(id, 0);
	header.writeUInt16BE(1, 4);
	return Buffer.concat([header, encoded, Buffer.of(0, TYPES[type], 0, 1)]);
}

/** Whether a message is long enough to be an answer, and the one to the question of this id. */
export const answersTo = (message: Buffer, id: number) =>
	message.length >= HEADER_BYTES && message.readUInt16BE(0) === id;

/** What a message says of the type that was asked for. */
export function decodeAnswer(message: Buffer, type: PacketType): Answer {
	const records = recordsIn(message, ["answer"]).filter((record) => record.type === TYPES[type]);
	return answered(message, records, type);
}

/** The reason where nothing was read of what may have been there. */
export const CUT_SHORT = "the answer was cut short";

/** The NS records of exactly this name, from the answer or the referral (RFC 1034, 4.3.2). */
export function decodeReferral(message: Buffer, name: string): Answer {
	const records = recordsIn(message, ["answer", "authority"]).filter(
		(record) => record.type === TYPES.NS && record.owner === canonicalName(name),
	);
	if (records.length === 0 && isCutShort(message)) return { kind: "failed", reason: CUT_SHORT };
	const answer = answered(message, records, "NS");
	return answer.kind === "none" && isAuthoritative(message) ? { ...answer, authoritative: true } : answer;
}

/** RFC 1035, 4.1.1: AA. */
const isAuthoritative = (message: Buffer) => (message.readUInt16BE(2) & 0x400) !== 0;
/** RFC 1035, 4.1.1: TC. */
const isCutShort = (message: Buffer) => (message.readUInt16BE(2) & 0x200) !== 0;

function answered(message: Buffer, records: readonly WireRecord[], type: PacketType): Answer {
	const code = message.readUInt16BE(2) & 0xf;
	if (code === 3) return { kind: "none", reason: "NXDOMAIN" };
	if (code !== 0)
		return { kind: "failed", reason: code === 2 ? "SERVFAIL" : code === 5 ? "REFUSED" : `RCODE ${code}` };
	const values = records.flatMap((record) => unlessCut(() => [readValue(message, record, type)], []));
	return values.length > 0 ? { kind: "found", values } : { kind: "none", reason: "NODATA" };
}

interface WireRecord {
	owner: string;
	type: number;
	/** Where its data begin and end. */
	start: number;
	end: number;
}

/** Of a message that was cut short, those before the cut. */
function recordsIn(message: Buffer, sections: readonly ("answer" | "authority")[]): WireRecord[] {
	const records: WireRecord[] = [];
	return unlessCut(() => {
		let at = HEADER_BYTES;
		for (let questions = message.readUInt16BE(4); questions > 0; questions -= 1)
			at = readName(message, at).end + 4;
		const count = message.readUInt16BE(6) + (sections.includes("authority") ? message.readUInt16BE(8) : 0);
		for (let index = 0; index < count; index += 1) {
			const { name, end: fields } = readName(message, at);
			const start = fields + 10;
			at = start + message.readUInt16BE(fields + 8);
			records.push({ owner: canonicalName(name), type: message.readUInt16BE(fields), start, end: at });
		}
		return records;
	}, records);
}

function readValue(message: Buffer, { start, end }: WireRecord, type: PacketType): string {
	switch (type) {
		case "NS":
			return canonicalName(readName(message, start).name);
		case "CNAME":
			return readName(message, start).name;
		case "MX":
			return `${message.readUInt16BE(start)} ${readName(message, start + 2).name || "."}`;
		case "TXT": {
			const chunks: Buffer[] = [];
			for (let at = start; at < end; at += 1 + message.readUInt8(at))
				chunks.push(message.subarray(at + 1, at + 1 + message.readUInt8(at)));
			return decodeText(Buffer.concat(chunks));
		}
	}
}

/** A name in text form (RFC 1035, 5.1), with its compression undone (4.1.4). @throws RangeError beyond the message's end */
function readName(message: Buffer, start: number): { name: string; end: number } {
	const labels: string[] = [];
	let end: number | undefined;
	let at = start;
	for (let pointers = 0; ; ) {
		const length = message.readUInt8(at);
		if (length >= 0xc0) {
			end ??= at + 2;
			at = message.readUInt16BE(at) & 0x3fff;
			pointers += 1;
			if (pointers > MAX_POINTERS) throw new RangeError("a name without an end");
			continue;
		}
		if (length === 0) return { name: labels.join("."), end: end ?? at + 1 };
		labels.push(labelText(message.subarray(at + 1, at + 1 + length)));
		at += 1 + length;
	}
}

const labelText = (label: Buffer) =>
	label
		.toString("latin1")
		.replace(/[^!-~]|[.\\]/g, (odd) => `\\${String(odd.charCodeAt(0)).padStart(3, "0")}`);

/** A label's bytes, Route 53's escapes undone. */
const octets = (label: string) =>
	Buffer.concat(
		label
			.split(/(\\[0-3][0-7]{2})/)
			.map((part, index) =>
				index % 2 === 1 ? Buffer.of(Number.parseInt(part.slice(1), 8)) : Buffer.from(part),
			),
	);

/** What was read stands where a message ends too early. */
function unlessCut<T>(read: () => T, otherwise: T): T {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		return otherwise;
	}
}
