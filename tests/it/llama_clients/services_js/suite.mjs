import "./claims.mjs";
import "./generated.mjs";
