// Writes out what `provider/arguments/` describes: the types that programs see, those that the core works with, and
// the tables of the README. Pure.
import type { Argument, Kind, ObjectKind } from "../../provider/arguments/argument.js";

export interface Description {
	/** Fields that several resources share, by the name of their interface without its ending. */
	groups: Record<string, ObjectKind>;
	resources: Record<string, ObjectKind>;
}

const notice = "// Written by `npm run arguments` from provider/arguments/description.ts.\n";
const listed = (names: Iterable<string>) => [...new Set(names)].sort().join(", ");

/** `provider/args.ts`: every scalar may be an output. */
export function renderArgs(description: Description): string {
	const shapes = new Set<string>();
	const choices = new Set<string>();
	const typeOf = (argument: Argument): string => {
		const { kind } = argument;
		if (kind.type === "switch") return `boolean | ${kind.on.name}Args`;
		if (kind.type === "list") return `Input<Input<${shape(kind.item)}>[]>`;
		if (argument.typeName) return `Input<${noted(argument.typeName)} | undefined>`;
		if (kind.type === "object") return `Input<${kind.name}Args>`;
		if (kind.type !== "choice" || !kind.name) return `Input<${plainType(kind)}>`;
		choices.add(kind.name);
		return kind.several ? `Input<${kind.name} | Input<${kind.name}>[]>` : `Input<${kind.name}>`;
	};
	const noted = (name: string) => {
		shapes.add(name);
		return name;
	};
	const shape = ({ kind, typeName }: Argument) => {
		if (typeName) return noted(typeName);
		if (kind.type !== "choice" || !kind.name) return plainType(kind);
		choices.add(kind.name);
		return kind.name;
	};
	const interfaces = eachInterface(description, "Args", (argument) => !argument.hidden, typeOf);
	return [
		notice,
		'import type { Input } from "@pulumi/pulumi";',
		`import type { ${listed(choices)} } from "./arguments/inputs.js";`,
		`import type { ${listed(shapes)} } from "./shapes.js";`,
		"",
		interfaces,
	].join("\n");
}

/** `provider/arguments/inputs.ts`: the same once every output is known, as the classes pass it along. */
export function renderInputs(description: Description): string {
	const shapes = new Set<string>();
	const choices = new Map<string, string>();
	const typeOf = ({ kind, typeName }: Argument): string => {
		if (kind.type === "switch") return `${kind.on.name}Inputs`;
		if (kind.type === "list") return `${typeOf(kind.item)}[]`;
		if (typeName) {
			shapes.add(typeName);
			return typeName;
		}
		if (kind.type === "object") return `${kind.name}Inputs`;
		if (kind.type !== "choice" || !kind.name) return plainType(kind);
		choices.set(kind.name, plainType(kind));
		return kind.several ? `${kind.name} | ${kind.name}[]` : kind.name;
	};
	const interfaces = eachInterface(
		description,
		"Inputs",
		// What is passed along field by field is not there as a whole.
		(_, name, { fields }) =>
			!Object.values(fields).some(({ hidden }) => hidden?.path?.startsWith(`${name}.`)),
		typeOf,
	);
	const types = [...choices].map(([name, type]) => `export type ${name} = ${type};`);
	return [
		notice,
		`import type { ${listed(shapes)} } from "../shapes.js";`,
		"",
		...types,
		"",
		interfaces,
	].join("\n");
}

/** The rows of one table: `| name | type | default | what it is |`. */
export function renderTable(object: ObjectKind, heading: string): string {
	const rows = Object.entries(object.fields)
		.filter(([, { hidden }]) => !hidden)
		.map(([name, argument]) =>
			[`\`${name}\``, tableType(argument.kind), tableDefault(argument), sentences(argument).join(" ")]
				.map((cell) => ` ${cell} `.replace(/^ {2}$/, " "))
				.join("|"),
		);
	return [`| ${heading} | type | default | |`, "|---|---|---|---|", ...rows.map((row) => `|${row}|`)].join(
		"\n",
	);
}

/** A text in which every `<!-- arguments: NAME -->` is followed by the table of that name. */
export function withTables(text: string, { groups, resources }: Description): string {
	return text.replace(
		/(<!-- arguments: (\w+) -->\n)[\s\S]*?(?=\n<!-- end -->)/g,
		(_, marker: string, name: string) => {
			const object = resources[name] ?? groups[name];
			if (!object) throw new Error(`the README asks for the arguments of ${name}, which nothing describes`);
			return `${marker}\n${renderTable(object, name in resources ? "argument" : "field")}\n`;
		},
	);
}

function eachInterface(
	{ groups, resources }: Description,
	ending: "Args" | "Inputs",
	has: (argument: Argument, name: string, object: ObjectKind) => boolean,
	typeOf: (argument: Argument) => string,
): string {
	const written = (object: ObjectKind, isGroup: boolean) => {
		const base = isGroup
			? undefined
			: Object.values(groups).find((group) =>
					Object.entries(group.fields).every(([name, argument]) => object.fields[name] === argument),
				);
		const own = Object.entries(object.fields).filter(
			([name, argument]) => has(argument, name, object) && base?.fields[name] !== argument,
		);
		return [
			...(object.doc ? [`/** ${object.doc} */`] : []),
			`export interface ${object.name}${ending}${base ? ` extends ${base.name}${ending}` : ""} {`,
			...own.flatMap(([name, argument]) => [
				...(ending === "Args" ? docstring(sentences(argument, true)) : []),
				`\t${name}${argument.required === undefined ? "?" : ""}: ${typeOf(argument)};`,
			]),
			"}",
			"",
		].join("\n");
	};
	return [
		...Object.values(groups).map((group) => written(group, true)),
		...Object.values(resources).map((resource) => written(resource, false)),
	].join("\n");
}

function plainType(kind: Kind): string {
	if (kind.type === "integer") return "number";
	if (kind.type === "choice") return kind.choices.map((choice) => `"${choice}"`).join(" | ");
	if (kind.type === "anything") return "unknown";
	return kind.type;
}

/** What is said of an argument; its default stands in a column of its own where there is a table. */
function sentences({ doc, kind, replaces, ...argument }: Argument, withDefault = false): string[] {
	const preset = withDefault ? tableDefault({ kind, ...argument }) : "";
	return [
		...(doc ? [doc] : []),
		...(kind.type === "integer" ? [`${kind.from} to ${kind.to.toLocaleString("en")} ${kind.unit}.`] : []),
		...(kind.type === "switch" && withDefault
			? ["A plain value, because it decides which resources exist; its fields may be outputs."]
			: []),
		...(kind.type === "object" && kind.name && !withDefault
			? [
					`Fields: ${Object.keys(kind.fields)
						.map((name) => `\`${name}\``)
						.join(", ")}.`,
				]
			: []),
		...(preset ? [`Default: ${preset}.`] : []),
		...(replaces ? [`A change replaces ${replaces}.`] : []),
	];
}

function tableDefault({ default: value, defaultText = "" }: Argument): string {
	if (value === undefined) return defaultText;
	return `\`${JSON.stringify(value)}\``;
}

function tableType(kind: Kind): string {
	if (kind.type === "switch") return "boolean or object";
	if (kind.type === "choice") return kind.several ? "string or list" : "string";
	return plainType(kind);
}

const width = 104;

function docstring(texts: string[]): string[] {
	const text = texts.join(" ");
	if (text === "") return [];
	if (text.length < width) return [`\t/** ${text} */`];
	const lines: string[] = [];
	for (const word of text.split(" ")) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return ["\t/**", ...lines.map((line) => `\t * ${line}`), "\t */"];
}
