/** Files that are imported for their path (`type: "file"`) or as text (`type: "text"`), of which TypeScript knows nothing. */

declare module "*.md";
declare module "*.js";
declare module "*.css";
declare module "*.svg";
declare module "*.png";
declare module "*.ico";
