import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { DocumentPreview, PaperBlock, PaperRun } from '../../api/documentQueries';
import css from './documents.module.css';

function Runs({ runs }: { runs: PaperRun[] }) {
  return runs.map((run, i) => {
    const text = run.italic ? <em>{run.text}</em> : run.text;
    return run.bold ? <strong key={i}>{text}</strong> : <span key={i}>{text}</span>;
  });
}

function Block({ block }: { block: PaperBlock }) {
  if (block.kind === 'table') {
    return (
      <table className={css.table}>
        <tbody>
          {block.rows.map((row, i) => (
            <tr key={i}>
              {(row ?? []).map((cell, j) =>
                block.head && i === 0 ? (
                  <th key={j} scope="col">
                    <Runs runs={cell.runs} />
                  </th>
                ) : (
                  <td key={j}>
                    <Runs runs={cell.runs} />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
  const centred = block.kind === 'heading' && block.level === 3;
  return (
    <p {...(centred && { style: { textAlign: 'center', textIndent: 0 } })}>
      {block.kind === 'bullet' && '- '}
      {block.kind === 'heading' && block.level !== 2 ? (
        <strong>
          <Runs runs={block.runs} />
        </strong>
      ) : (
        <Runs runs={block.runs} />
      )}
    </p>
  );
}

/** A document as it will be printed. Only text is shown: nothing in it is ever read as markup. */
export function PaperView({ paper }: { paper: DocumentPreview }) {
  const { t } = useTranslation('documents');
  if (paper.texts.length > 0) {
    return (
      <div className={css.paper} lang="vi">
        <Text size="sm" mb="xs" c="dark.9">
          {t('wordOnly')}
        </Text>
        {paper.texts.map((text, i) => (
          <p key={i}>{text}</p>
        ))}
      </div>
    );
  }
  const [left, right] = paper.signers.length > 1 ? paper.signers : [undefined, paper.signers[0]];
  const copies = (
    <div className={css.copies}>
      <strong>
        <em>{t('copiesTitle')}</em>
      </strong>
      {paper.copies.map((c, i) => (
        <div key={i}>- {c};</div>
      ))}
      <div>
        - {t('archived')}: {paper.archive || 'VT'}.
      </div>
    </div>
  );
  return (
    <article className={css.paper} lang="vi" aria-label={t('preview')}>
      {paper.watermark && (
        <div className={css.watermark} aria-hidden="true">
          {paper.watermark}
        </div>
      )}
      <div className={css.head}>
        <div>
          <div>{paper.parent.toUpperCase()}</div>
          <strong>{paper.agency.toUpperCase()}</strong>
          <div className={css.rule} />
          <div>{`${t('says.number')} ${paper.code}`}</div>
          {!paper.kind && <div>{`${t('says.about')} ${paper.abstract}`}</div>}
          {paper.urgency && <div className={css.stamp}>{paper.urgency}</div>}
          {paper.internal && <div className={css.stamp}>{t('says.internal')}</div>}
        </div>
        <div>
          <strong>{t('says.nation')}</strong>
          <div>
            <strong>{t('says.motto')}</strong>
          </div>
          <div className={css.rule} />
          <em>{paper.placeDate}</em>
        </div>
      </div>
      {paper.kind && (
        <div className={css.centre}>
          <br />
          <strong>{paper.kind.toUpperCase()}</strong>
          <br />
          <strong>{paper.abstract}</strong>
          <div className={css.rule} />
        </div>
      )}
      {paper.to.length > 0 && (
        <div className={css.centre} style={{ margin: '12px 0' }}>
          {paper.to.length === 1 ? `${t('says.to')} ${paper.to[0] ?? ''}` : t('says.to')}
          {paper.to.length > 1 && paper.to.map((name, i) => <div key={i}>{`- ${name}${i === paper.to.length - 1 ? '.' : ';'}`}</div>)}
        </div>
      )}
      <div className={css.body}>
        {paper.basis.map((b, i) => (
          <p key={i}>
            <em>
              {b}
              {i === paper.basis.length - 1 ? '.' : ';'}
            </em>
          </p>
        ))}
        {paper.body.map((block, i) => (
          <Block key={i} block={block} />
        ))}
      </div>
      <div className={css.foot}>
        {left ? <Signer of={left} /> : copies}
        {right && <Signer of={right} />}
      </div>
      {left && copies}
      {paper.appendices.map((a, i) => (
        <section key={i} className={css.body}>
          <hr />
          <div className={css.centre}>
            <strong>
              {t('appendix')} {paper.appendices.length > 1 ? i + 1 : ''}
              <br />
              {a.title.toUpperCase()}
            </strong>
          </div>
          {a.body.map((block, j) => (
            <Block key={j} block={block} />
          ))}
        </section>
      ))}
    </article>
  );
}

function Signer({ of }: { of: { lines: string[]; name: string } }) {
  return (
    <div className={css.signer}>
      {of.lines.map((line, i) => (
        <div key={i}>{line.toUpperCase()}</div>
      ))}
      <span>{of.name}</span>
    </div>
  );
}
