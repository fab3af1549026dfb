/** Foresights as a person reads them. Pure; plain text without colours. */

import type { Words } from "../../dns/index.js";
import { labels } from "../../provider/arguments/record-kinds.js";
import { placeInWords } from "../../provider/core/channels/place.js";
import { describeSet } from "../../provider/core/zones/sets.js";
import { wrapped } from "../wrapped.js";
import { type Foresight, type Outlook, overallState, type Place, stateOf } from "./foresee.js";

function verdict(foresight: Foresight): string {
	switch (stateOf(foresight)) {
		case "blocked":
			return "✗ something is in the way";
		case "unknown":
			return "? not all could be asked";
		case "clear":
			return foresight.places.some(({ outlook, policy }) => outlook === "compared" && policy === "error")
				? "✓ nothing is known to be in the way"
				: "✓ nothing is in the way";
	}
}

const marks: Record<Outlook, string> = {
	free: "✓",
	beside: "✓",
	compared: "?",
	refused: "✗",
	kept: "!",
	overwritten: "!",
};

export function screen(foresights: readonly Foresight[]): string[] {
	const clear = foresights.filter((each) => stateOf(each) === "clear").length;
	const parts = [
		...foresights.map(section),
		...(foresights.length > 1 ? [[`${clear} of ${foresights.length} domains have nothing in the way.`]] : []),
		...(overallState(foresights) === "blocked" ? [sameOptions] : []),
	];
	return parts.flatMap((part, index) => (index === 0 ? part : ["", ...part]));
}

const sameOptions = [
	"What is advised are arguments of the program. Here they are options of the same names, such as",
	"--on-conflict dmarc=keep: with them this command shows what the changed program would meet.",
];

function section(foresight: Foresight): string[] {
	const { domain, places, refusals, warnings, unanswered } = foresight;
	return [
		`${domain}   ${verdict(foresight)}`,
		"",
		...facts(foresight).flatMap(([name, value]) => wrapped(value, `  ${name.padEnd(10)}  `)),
		...(places.length > 0
			? ["", ...places.flatMap((place) => placeLines(place, places)), ...notYetKnown(foresight)]
			: []),
		...list("In the way", refusals),
		...list("Not answered", unanswered),
		...list("Warnings", warnings),
	];
}

function facts({ zone, delegation, workspace }: Foresight): [string, string][] {
	const place = zone && `${zone.name} (${zone.id}) at ${zone.nameServers.join(", ")}`;
	return [
		["Zone", place ?? "not known: see below"],
		...(zone ? [["Delegation", delegations[delegation?.state ?? "off"]] satisfies [string, string]] : []),
		[workspace.home?.account === undefined ? "Workspace" : "Amazon SES", workspaceText(workspace)],
	];
}

const delegations = {
	delegated: "the internet asks this zone",
	partly: "not wholly: see the warnings",
	elsewhere: "the internet does not ask this zone",
	unknown: "nobody answered",
	off: "not looked at",
} as const;

function workspaceText(workspace: Foresight["workspace"]): string {
	const { home } = workspace;
	const place = home?.account === undefined ? "" : `${placeInWords(home)} `;
	switch (workspace.state) {
		case "not asked":
			return "not asked whether the names are taken: --tenant does";
		case "free":
			return `${place}has neither the tenant nor the domain${place ? "" : "; others may, which `pulumi up` tells"}`;
		case "identity":
			return `${place}has the domain, which belongs to no setup and is taken in`;
		case "existing":
			return `${place}has setup ${workspace.setup.id}, which is taken over`;
		case "taken":
			return place ? `${place}has something of these names` : "has a setup of these names";
		case "hidden":
			return "does not let this key list its setups";
	}
}

function placeLines(place: Place, all: readonly Place[]): string[] {
	const column = Math.max(6, ...all.map(({ kind }) => labels[kind].length));
	const indent = " ".repeat(column + 6);
	const standing = place.standing.flatMap((set) =>
		describeSet(set).map((value) => {
			const at = set.name === place.name ? "" : `${set.name} `;
			return `${at}${value}${set.ttl === undefined ? "" : `  (TTL ${set.ttl} s)`}`;
		}),
	);
	return [
		`  ${marks[place.outlook]} ${labels[place.kind].padEnd(column)}  ${place.name}`,
		...standing.map((each) => `${indent}${each}`),
		...wrapped(outlookText(place), indent),
	];
}

function outlookText({ outlook, policy }: Place): string {
	switch (outlook) {
		case "free":
			return "nothing stands there";
		case "beside":
			return "is in nobody's way, and stays";
		case "compared":
			return `may be what the setup asks for, and then stays; anything else ${otherwise[policy]}`;
		case "refused":
			return "is in the way";
		case "kept":
			return "stays, and the setup's record is not published (onConflict)";
		case "overwritten":
			return "is replaced, and destroy puts it back (onConflict)";
	}
}

const otherwise = {
	error: "is in the way",
	keep: "stays too, and the setup's record is not published (onConflict)",
	overwrite: "is replaced, and destroy puts it back (onConflict)",
} as const;

/** As the API gives them with the registration. */
const notYetKnown = ({ workspace }: Foresight): string[] =>
	workspace.state === "existing"
		? []
		: [
				"",
				...wrapped(
					"The names of the DKIM records, the values of MX and DMARC, and what else is asked for are known once the setup exists. " +
						"`pulumi up` compares them then; where it refuses, it deletes the setup again.",
					"  ",
				),
			];

const list = (title: string, texts: readonly Words[]): string[] =>
	texts.length === 0
		? []
		: ["", `  ${title}`, ...texts.flatMap((text, index) => paragraph(text, `  ${index + 1}. `))];

/** Texts of several lines keep them. */
const paragraph = (text: Words, beginning: string): string[] =>
	[text]
		.flat()
		.flatMap((line, index) => wrapped(line, index === 0 ? beginning : " ".repeat(beginning.length)));
