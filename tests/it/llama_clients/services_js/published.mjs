// What the package gives to those who import it, from where it is installed.
export * from "llama-cloud-services";
export * as api from "llama-cloud-services/api";
