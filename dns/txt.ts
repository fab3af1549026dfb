/** The longest character-string of a TXT record, in bytes (RFC 1035, 3.3). */
const MAX_CHUNK = 255;

/**
 * A text as Route 53 takes the value of a TXT record: quoted character-strings of at most 255 bytes,
 * split between characters, `"` and `\` escaped, every byte outside printable ASCII as octal `\ooo`.
 */
export function formatTxt(text: string): string {
	return quoteChunks(text, 8);
}

/** The same for a zone file, where the number in an escape is decimal (RFC 1035, 5.1). */
export function formatZoneFileTxt(text: string): string {
	return quoteChunks(text, 10);
}

function quoteChunks(text: string, radix: 8 | 10): string {
	const chunks: string[] = [];
	let chunk = "";
	let length = 0;
	for (const character of text) {
		const bytes = Buffer.from(character);
		if (length + bytes.length > MAX_CHUNK) {
			chunks.push(chunk);
			chunk = "";
			length = 0;
		}
		for (const byte of bytes) chunk += escapeByte(byte, radix);
		length += bytes.length;
	}
	return [...chunks, chunk].map((each) => `"${each}"`).join(" ");
}

function escapeByte(byte: number, radix: 8 | 10): string {
	if (byte < 0x20 || byte > 0x7e) return `\\${byte.toString(radix).padStart(3, "0")}`;
	const character = String.fromCharCode(byte);
	return character === '"' || character === "\\" ? `\\${character}` : character;
}

/**
 * The character-strings of a TXT value in Route 53's presentation form. Strings may follow each other
 * without a space, as Route 53 sometimes lists them, and may be unquoted. Never throws: a missing
 * closing quote ends at the end.
 */
export function parseTxt(presentation: string): string[] {
	return chunksOf(presentation).map(decodeText);
}

/** The whole text of a TXT value in presentation form: what SPF, DKIM and DMARC read. */
export function joinTxt(presentation: string): string {
	return decodeText(Buffer.concat(chunksOf(presentation)));
}

/** Whether two TXT values in presentation form carry the same bytes, however they are split and escaped. */
export function sameTxt(a: string, b: string): boolean {
	return Buffer.concat(chunksOf(a)).equals(Buffer.concat(chunksOf(b)));
}

/** Bytes as text: UTF-8 where they are that, else one character per byte. */
export function decodeText(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return Buffer.from(bytes).toString("latin1");
	}
}

/** One escape (octal, or any other character as itself), or one plain character. */
const TOKEN = /\\([0-3][0-7]{2})|\\(.)|(.)/gsu;

function chunksOf(presentation: string): Buffer[] {
	const chunks: Buffer[] = [];
	let bytes: Buffer[] | undefined;
	let quoted = false;
	const finish = () => {
		if (bytes !== undefined) chunks.push(Buffer.concat(bytes));
		bytes = undefined;
	};
	for (const [, octal, escaped, plain] of presentation.matchAll(TOKEN)) {
		if (plain === '"') {
			finish();
			quoted = !quoted;
			if (quoted) bytes = [];
		} else if (plain !== undefined && !quoted && /\s/.test(plain)) {
			finish();
		} else {
			bytes ??= [];
			bytes.push(
				octal === undefined ? Buffer.from(escaped ?? plain ?? "") : Buffer.of(Number.parseInt(octal, 8)),
			);
		}
	}
	finish();
	return chunks;
}
