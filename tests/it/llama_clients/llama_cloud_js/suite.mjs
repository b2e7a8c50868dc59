import "./extractions.mjs";
import "./files.mjs";
import "./schemas.mjs";
import "./troubles.mjs";
