import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["vendor/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      "consistent-return": "off",
      eqeqeq: "error",
      "no-alert": "error",
      "no-console": "error",
      "no-constructor-return": "error",
      "no-else-return": "off",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-lonely-if": "error",
      "no-promise-executor-return": "off",
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "no-unmodified-loop-condition": "error",
      "no-unreachable-loop": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-useless-assignment": "error",
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-rest-params": "error",
      "prefer-spread": "error",
      "prefer-template": "error",
      "require-atomic-updates": "error",
      // Pages run under Trusted Types: what takes text for HTML would fail in the browser, and belongs nowhere.
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "write"].map((property) => ({
          ...(property === "write" ? { object: "document" } : {}),
          property,
          message: "Text is set as text: make() of lib/dom.js.",
        })),
      ],
      // There is one way to hold a connection open.
      "no-restricted-globals": ["error", { name: "EventSource", message: "Use lib/events.js." }],
    },
  },
  { files: ["lib/theme.js", "docs/docs.js"], languageOptions: { sourceType: "script" } },
  { files: ["docs/docs.js"], languageOptions: { globals: { SwaggerUIBundle: "readonly" } } },
  { files: ["tests/**", "bundles/**", "eslint.config.js"], languageOptions: { globals: globals.node } },
];
