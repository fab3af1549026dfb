import { formatName } from "../route53/names.js";

/** Where the question's name begins, after the header (RFC 1035, 4.1.1). */
const start = 12;

/**
 * The name in a packet's question. A label may hold any octet (RFC 2181, 11), a dot among them, but the packet library
 * joins labels by dots and reads them as UTF-8. So it works with a stand-in of the same length.
 */
export interface QuestionName {
	/** With escapes as Route 53 has them, in the case in which it was asked, without the trailing dot. */
	readonly name: string;
	/** For the packet library. */
	readonly standIn: string;
	/** A packet that was made with the stand-in, with the name in it. */
	restore(packet: Buffer): Buffer;
}

/** @throws RangeError when the packet ends too early. */
export function questionName(packet: Buffer): QuestionName {
	const labels: Buffer[] = [];
	let at = start;
	for (let length = packet.readUInt8(at); length !== 0; length = packet.readUInt8(at)) {
		labels.push(packet.subarray(at + 1, at + 1 + length));
		at += 1 + length;
	}
	const texts = labels.map((label) => label.toString("latin1"));
	const plain = texts.map((text) => text.replace(/[^\w*-]/g, "-"));
	const standIn = plain.join(".");
	if (standIn === texts.join(".")) return { name: standIn, standIn, restore: (made) => made };
	const wire = packet.subarray(start, at + 1);
	const madeUp = Buffer.concat([
		...plain.flatMap((text) => [Buffer.of(text.length), Buffer.from(text)]),
		Buffer.of(0),
	]);
	return {
		name: formatName(texts.map((text) => text.toLowerCase())).slice(0, -1),
		standIn,
		restore: (made) => replaced(made, madeUp, wire),
	};
}

/** With another sequence of the same length wherever the first one stands. */
function replaced(packet: Buffer, sought: Buffer, instead: Buffer): Buffer {
	const copy = Buffer.from(packet);
	for (let at = copy.indexOf(sought, start); at >= 0; at = copy.indexOf(sought, at + sought.length))
		instead.copy(copy, at);
	return copy;
}
