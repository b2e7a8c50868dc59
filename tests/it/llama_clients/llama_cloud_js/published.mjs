// What the package gives to those who import it, from where it is installed.
export * from "@llamaindex/llama-cloud";
export { default } from "@llamaindex/llama-cloud";
