// The words of triage: groups, today's list, guidance, similar alerts, exclusions.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'triage', vi);
i18next.addResourceBundle('en', 'triage', en);
