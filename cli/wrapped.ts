const lineWidth = 100;

/** Breaks text between words; the lines after the first are indented as its beginning is long. */
export function wrapped(text: string, beginning: string): string[] {
	const lines: string[] = [];
	let line = beginning;
	for (const word of text.split(" ")) {
		const fits = line.trim() === "" || line.length + word.length < lineWidth;
		if (!fits) {
			lines.push(line.trimEnd());
			line = " ".repeat(beginning.length);
		}
		line += `${word} `;
	}
	return [...lines, line.trimEnd()];
}
