// What every page but the first needs, as a chunk of its own: fetched with the
// first page that is not the overview, or when the overview has come to rest.
import './mantineRest.css';
