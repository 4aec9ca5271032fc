import { useTranslation } from 'react-i18next';

import type { System } from '../../api/systemQueries';
import { formatNumber } from '../../lib/format';
import { formatTime } from '../../lib/time';
import page from '../../ui/page.module.css';
import { dayText } from './parts';
import css from './systems.module.css';

/** What is written of a system, as the overview of its dossier has it. */
export function Overview({ system: x }: { system: System }) {
  const { t, i18n } = useTranslation('systems');
  const f = x.facts;
  const kinds = (['important', 'core', 'secret'] as const).filter((kind) => f.data[kind]).map((kind) => t(`data.${kind}`));
  return (
    <>
      <Section title={t('part.general')}>
        <dl className={page.facts}>
          <Fact name={t('unit')} value={x.unitName} />
          <Fact name={t('typeName')} value={t(`type.${f.type}`)} />
          <Fact name={t('dataCentre')} value={f.dataCentre} />
          <Fact name={t('critical')} value={t(f.critical ? 'yes' : 'no')} />
          <Fact name={t('updated')} value={t('updatedBy', { time: formatTime(x.updatedAt), by: x.updatedBy })} />
        </dl>
        {(['purpose', 'serves', 'extent', 'scale'] as const).map((field) => f[field] !== '' && <Wide key={field} name={t(field)} value={f[field]} />)}
      </Section>
      <Section title={t('part.operator')}>
        <dl className={page.facts}>
          <Fact name={t('operatorName')} value={x.operatorName} />
          {(['mandate', 'head', 'title', 'address', 'phone', 'mail'] as const).map((field) => (
            <Fact key={field} name={t(`party.${field}`)} value={f.operator[field]} />
          ))}
        </dl>
      </Section>
      <Section title={t('part.network')}>
        <dl className={page.facts}>
          <Fact name={t('domains')} value={f.domains.join(', ')} />
        </dl>
        {f.zones.length > 0 && (
          <Table heads={[t('zone.name'), t('zone.private'), t('zone.public')]} rows={f.zones.map((z) => [z.name, z.private.join(', '), z.public.join(', ')])} label={t('zones')} />
        )}
        {f.services.length > 0 && (
          <Table heads={[t('service.name'), t('service.server'), t('service.os'), t('service.purpose')]} rows={f.services.map((s) => [s.name, s.server, s.os, s.purpose])} label={t('services')} />
        )}
      </Section>
      <Section title={t('part.data')}>
        <dl className={page.facts}>
          <Fact name={t('data.basic')} value={formatNumber(f.data.basic, i18n.language)} />
          <Fact name={t('data.sensitive')} value={formatNumber(f.data.sensitive, i18n.language)} />
          <Fact name={t('data.kinds')} value={kinds.join(', ') || t('data.none')} />
        </dl>
      </Section>
      <Section title={t('part.staff')}>
        {f.staff.length === 0 ? (
          <p className="la-dim">{t('staff.none')}</p>
        ) : (
          <Table
            heads={[t('staff.name'), t('staff.title'), t('staff.phone'), t('staff.mail'), t('staff.certificate'), t('staff.ends')]}
            rows={f.staff.map((p) => [p.name, p.title, p.phone, p.mail, p.certificate, dayText(p.ends)])}
            label={t('part.staff')}
          />
        )}
      </Section>
      <Section title={t('part.plan')}>
        <dl className={page.facts}>
          <Fact name={t('regulation.name')} value={[f.regulation.number, dayText(f.regulation.date), f.regulation.issuer].filter((v) => v !== '').join(' · ') || t('regulation.none')} />
          <Fact name={t('deploymentName')} value={t(`deployment.${f.deployment}`)} />
          <Fact name={t('plannedApproval')} value={dayText(f.plannedApproval)} />
          <Fact name={t('plannedDeployment')} value={dayText(f.plannedDeployment)} />
          <Fact name={t('transitionName')} value={t(`transition.${f.transition}`)} />
        </dl>
      </Section>
    </>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={`la-card ${css.section ?? ''}`} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  const { t } = useTranslation('systems');
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value === '' ? <span className="la-dim">{t('nothing')}</span> : value}</dd>
    </div>
  );
}

function Wide({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <h3>{name}</h3>
      <p className={css.wide}>{value}</p>
    </div>
  );
}

function Table({ heads, rows, label }: { heads: string[]; rows: string[][]; label: string }) {
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className="la-table">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={j} className="la-wrap">
                  {cell || '—'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
