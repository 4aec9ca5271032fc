// Vietnamese comes with the first load; English is fetched when asked for.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import type accounts from './accounts/vi.json';
import type admin from './admin/vi.json';
import type agenda from './agenda/vi.json';
import type advisories from './advisories/vi.json';
import type vulnerabilities from './vulnerabilities/vi.json';
import type antimalware from './antimalware/vi.json';
import type attack from './attack/vi.json';
import type entity from './entity/vi.json';
import type audit from './audit/vi.json';
import type identity from './identity/vi.json';
import type boards from './boards/vi.json';
import type casework from './casework/vi.json';
import type dossiers from './dossiers/vi.json';
import type drills from './drills/vi.json';
import type guest from './guest/vi.json';
import type connect from './connect/vi.json';
import type incidents from './incidents/vi.json';
import type inspections from './inspections/vi.json';
import type kit from './kit/vi.json';
import type response from './response/vi.json';
import type ruledetail from './ruledetail/vi.json';
import type notifications from './notifications/vi.json';
import type documents from './documents/vi.json';
import type obligations from './obligations/vi.json';
import type province from './province/vi.json';
import type requirements from './requirements/vi.json';
import type search from './search/vi.json';
import type sources from './sources/vi.json';
import type standing from './standing/vi.json';
import type systems from './systems/vi.json';
import type style from './style/vi.json';
import type triage from './triage/vi.json';
import type trial from './trial/vi.json';
import type units from './units/vi.json';
import type upload from './upload/vi.json';
import vi from './vi.json';
import type warnings from './warnings/vi.json';
import type why from './why/vi.json';

export type Language = 'vi' | 'en';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    // One line for each catalogue.
    resources: {
      translation: typeof vi;
      accounts: typeof accounts;
      admin: typeof admin;
      advisories: typeof advisories;
      agenda: typeof agenda;
      vulnerabilities: typeof vulnerabilities;
      antimalware: typeof antimalware;
      inspections: typeof inspections;
      boards: typeof boards;
      casework: typeof casework;
      attack: typeof attack;
      entity: typeof entity;
      response: typeof response;
      ruledetail: typeof ruledetail;
      audit: typeof audit;
      connect: typeof connect;
      dossiers: typeof dossiers;
      drills: typeof drills;
      guest: typeof guest;
      identity: typeof identity;
      incidents: typeof incidents;
      kit: typeof kit;
      notifications: typeof notifications;
      documents: typeof documents;
      obligations: typeof obligations;
      province: typeof province;
      requirements: typeof requirements;
      search: typeof search;
      sources: typeof sources;
      style: typeof style;
      standing: typeof standing;
      systems: typeof systems;
      triage: typeof triage;
      trial: typeof trial;
      units: typeof units;
      upload: typeof upload;
      warnings: typeof warnings;
      why: typeof why;
    };
  }
}

const storageKey = 'lachan.language';

function stored(): Language {
  try {
    return localStorage.getItem(storageKey) === 'en' ? 'en' : 'vi';
  } catch {
    return 'vi';
  }
}

async function load(language: Language): Promise<void> {
  if (language === 'en' && !i18next.hasResourceBundle('en', 'translation')) {
    const { default: en } = await import('./en.json');
    i18next.addResourceBundle('en', 'translation', en);
  }
}

export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { vi: { translation: vi } },
    lng: 'vi',
    fallbackLng: 'vi',
    interpolation: { escapeValue: false },
  });
  const language = stored();
  if (language !== 'vi') await setLanguage(language);
}

export async function setLanguage(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}
