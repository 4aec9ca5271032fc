-- +goose Up
-- Which units have products, and whether one changed, without reading the assets.
CREATE INDEX assets_products ON assets (unit, version, updated_at) WHERE product <> '';
