/**
 * `avx net schema`: the JSON schema of network files, for editors.
 *
 * @module
 */

import { networkSchemaText } from "../../lib/tmpnet/network_file/schema.ts";
import type { RegisterCommand } from "../command.ts";

export const registerSchema: RegisterCommand = (group, { stdout }) => {
  group
    .command("schema")
    .description("Print the JSON schema of the files that avx net start -f reads.")
    .action(() => stdout.write(networkSchemaText()));
};
