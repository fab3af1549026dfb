import { XMLBuilder, XMLParser } from "fast-xml-parser";

/** An element's content: text, or elements by name, where an array repeats the element. */
type Xml = string | number | boolean | XmlElements;
export interface XmlElements {
	readonly [name: string]: Xml | readonly Xml[] | undefined;
}

const builder = new XMLBuilder({
	ignoreAttributes: false,
	attributeNamePrefix: "@",
	suppressEmptyNode: false,
});

/** An XML document with one root in the given namespace. */
export function toXml(root: string, namespace: string, content: XmlElements): string {
	return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [root]: { "@xmlns": namespace, ...content } })}`;
}

/**
 * Reads an XML document into plain objects, all text kept as strings, every entity of XML decoded.
 * @param repeated the elements that are lists even where they stand alone
 * @throws Error when it is not well-formed
 */
export function parseXml(text: string, repeated: readonly string[]): Record<string, unknown> {
	const parser = new XMLParser({
		ignoreAttributes: true,
		parseTagValue: false,
		// The parser's only way to have numbers decoded, too: Go's clients write quotes as `&#34;`.
		htmlEntities: true,
		isArray: (name) => repeated.includes(name),
	});
	const document: unknown = parser.parse(text, true);
	if (typeof document !== "object" || document === null) throw new Error("the body is not an XML document");
	return document as Record<string, unknown>;
}
