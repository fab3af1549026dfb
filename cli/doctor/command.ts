import { Command } from "commander";
import type { Edge } from "../edge.js";

export function doctorCommand(_edge: Edge, _exit: (code: number) => void): Command {
	return new Command("doctor");
}
