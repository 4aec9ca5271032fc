// The words of what belongs to incidents and stands on pages of its own: relations,
// sightings, exports, figures, the catalogue, one's tasks.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'casework', vi);
i18next.addResourceBundle('en', 'casework', en);
