// Lints the extension and its tests: `npm run lint`, in this folder.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/out/"] },
  js.configs.recommended,
  { languageOptions: { globals: globals.node }, rules: { eqeqeq: "error", "prefer-const": "error", "no-shadow": "error" } },
  { files: ["**/*.js"], languageOptions: { sourceType: "commonjs" } },
];
