import type { ValidationErrorItem } from "pulumi-channels/sdk";
import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** Where FastAPI says that a wrong value stood, by where Hono read it. */
const places: Readonly<Record<string, string>> = {
	param: "path",
	query: "query",
	json: "body",
	header: "header",
};

/** The problems of one part of a request, as FastAPI lists them. The values themselves are not repeated. */
export function validationErrors(
	target: string,
	issues: readonly Issue[],
	value: unknown,
): ValidationErrorItem[] {
	return issues.map((issue) => {
		const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
		const missing = at(value, path) === undefined;
		return {
			loc: [places[target] ?? target, ...path],
			msg: missing ? "Field required" : issue.message,
			type: missing ? "missing" : typeOf(issue),
		};
	});
}

/** pydantic's name for a kind of problem (docs.pydantic.dev, "Validation errors"). */
function typeOf(issue: Issue): string {
	switch (issue.code) {
		case "invalid_type":
			return issue.expected === "object" ? "model_attributes_type" : `${issue.expected}_type`;
		case "too_small":
			if (issue.origin === "string") return "string_too_short";
			return issue.inclusive ? "greater_than_equal" : "greater_than";
		case "too_big":
			return issue.origin === "string" ? "string_too_long" : "less_than_equal";
		case "invalid_format":
			if (issue.format === "guid") return "uuid_parsing";
			if (issue.format === "email") return "value_error";
			return isInteger(issue) ? "int_parsing" : "string_pattern_mismatch";
		case "invalid_value":
			return issue.values.length === 1 ? "literal_error" : "enum";
		default:
			return "value_error";
	}
}

/** Integers in a query arrive as text and are recognised by their digits. */
function isInteger(issue: Issue): boolean {
	return "pattern" in issue && issue.pattern === "/^-?\\d+$/";
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
	return path.reduce<unknown>(
		(inner, step) =>
			typeof inner === "object" && inner !== null
				? (inner as Record<string | number, unknown>)[step]
				: undefined,
		value,
	);
}
