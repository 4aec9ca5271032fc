-- +goose Up
-- A text is looked for in the index alone, which has the rows in their order; PostgreSQL
-- takes at most 2,704 bytes in one.
UPDATE assets SET search_text = substr(search_text, 1, 500) WHERE length(search_text) > 500;
DROP INDEX assets_order;
CREATE INDEX assets_order ON assets (name_key, id, unit, operator, search_text);
