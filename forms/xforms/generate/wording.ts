/** Texts that Collect adds to generated forms, in some languages; in English for others. */
import type { Texts } from './texts.ts';

type Wording = (figures: readonly string[]) => string;

const ENGLISH = {
  yes: () => 'Yes',
  no: () => 'No',
  location: () => 'Location',
  location_hint: () => 'Where the interview takes place, such as the village',
  look_again: () =>
    'Look at these answers again and correct the wrong one. If all of them are right, acknowledge this.',
  entries: ([min = '', max = '']) => `There must be ${min} to ${max} entries. Add or remove some.`,
  range: ([min = '', max = '']) => `Enter a number from ${min} to ${max}.`,
  at_least: ([min = '']) => `Enter ${min} or more.`,
  at_most: ([max = '']) => `Enter ${max} or less.`,
  whole: () => 'Enter a whole number.',
  places: ([places = '']) => `Digits after the decimal point: at most ${places}.`,
  length: ([max = '']) => `Enter at most ${max} characters.`,
  pattern: ([pattern = '']) => `Enter text of the form ${pattern}`,
  not_blank: () => 'Enter an answer that is not blank.',
  options: ([min = '', max = '']) => `Choose ${min} to ${max} options.`,
  corrections: ([title = '']) => `Corrections: ${title}`,
  which_response: () => 'Which response do you correct?',
  left_out: () => 'Correct the answers below. What is not asked here stays as it is.',
} satisfies Readonly<Record<string, Wording>>;

export type WordingKey = keyof typeof ENGLISH;

const OTHER: Readonly<Record<string, Readonly<Record<WordingKey, Wording>>>> = {
  fr: {
    yes: () => 'Oui',
    no: () => 'Non',
    location: () => 'Lieu',
    location_hint: () => "Où se déroule l'entretien, par exemple le village",
    look_again: () => 'Vérifiez ces réponses et corrigez celle qui est fausse. Si toutes sont justes, confirmez ici.',
    entries: ([min = '', max = '']) => `Il faut de ${min} à ${max} entrées. Ajoutez-en ou supprimez-en.`,
    range: ([min = '', max = '']) => `Saisissez un nombre de ${min} à ${max}.`,
    at_least: ([min = '']) => `Saisissez ${min} ou plus.`,
    at_most: ([max = '']) => `Saisissez ${max} ou moins.`,
    whole: () => 'Saisissez un nombre entier.',
    places: ([places = '']) => `Chiffres après la virgule : au plus ${places}.`,
    length: ([max = '']) => `Saisissez au plus ${max} caractères.`,
    pattern: ([pattern = '']) => `Saisissez un texte de la forme ${pattern}`,
    not_blank: () => 'Saisissez une réponse qui ne soit pas vide.',
    options: ([min = '', max = '']) => `Choisissez de ${min} à ${max} options.`,
    corrections: ([title = '']) => `Corrections : ${title}`,
    which_response: () => 'Quelle réponse corrigez-vous ?',
    left_out: () => "Corrigez les réponses ci-dessous. Ce qui n'est pas demandé ici reste inchangé.",
  },
  es: {
    yes: () => 'Sí',
    no: () => 'No',
    location: () => 'Lugar',
    location_hint: () => 'Dónde se hace la entrevista, por ejemplo el pueblo',
    look_again: () => 'Revise estas respuestas y corrija la equivocada. Si todas son correctas, confírmelo aquí.',
    entries: ([min = '', max = '']) => `Debe haber de ${min} a ${max} entradas. Agregue o quite algunas.`,
    range: ([min = '', max = '']) => `Escriba un número de ${min} a ${max}.`,
    at_least: ([min = '']) => `Escriba ${min} o más.`,
    at_most: ([max = '']) => `Escriba ${max} o menos.`,
    whole: () => 'Escriba un número entero.',
    places: ([places = '']) => `Cifras decimales: como máximo ${places}.`,
    length: ([max = '']) => `Escriba como máximo ${max} caracteres.`,
    pattern: ([pattern = '']) => `Escriba un texto de la forma ${pattern}`,
    not_blank: () => 'Escriba una respuesta que no esté en blanco.',
    options: ([min = '', max = '']) => `Elija de ${min} a ${max} opciones.`,
    corrections: ([title = '']) => `Correcciones: ${title}`,
    which_response: () => '¿Qué respuesta corrige?',
    left_out: () => 'Corrija las respuestas siguientes. Lo que no se pregunta aquí queda como está.',
  },
  pt: {
    yes: () => 'Sim',
    no: () => 'Não',
    location: () => 'Local',
    location_hint: () => 'Onde a entrevista é feita, por exemplo a aldeia',
    look_again: () => 'Verifique estas respostas e corrija a errada. Se todas estiverem certas, confirme aqui.',
    entries: ([min = '', max = '']) => `Deve haver de ${min} a ${max} entradas. Acrescente ou remova algumas.`,
    range: ([min = '', max = '']) => `Escreva um número de ${min} a ${max}.`,
    at_least: ([min = '']) => `Escreva ${min} ou mais.`,
    at_most: ([max = '']) => `Escreva ${max} ou menos.`,
    whole: () => 'Escreva um número inteiro.',
    places: ([places = '']) => `Casas decimais: no máximo ${places}.`,
    length: ([max = '']) => `Escreva no máximo ${max} caracteres.`,
    pattern: ([pattern = '']) => `Escreva um texto da forma ${pattern}`,
    not_blank: () => 'Escreva uma resposta que não esteja em branco.',
    options: ([min = '', max = '']) => `Escolha de ${min} a ${max} opções.`,
    corrections: ([title = '']) => `Correções: ${title}`,
    which_response: () => 'Que resposta corrige?',
    left_out: () => 'Corrija as respostas abaixo. O que não é perguntado aqui fica como está.',
  },
};

/** A wording and its figures, in the order in which the wording has them. */
export type Said = readonly [WordingKey, ...string[]];

/** Wordings as one text, in each of the languages. @param languages if it is empty, the text is in English */
export function inWords(said: readonly Said[], languages: readonly string[]): Texts {
  const inLanguage = (language: string) =>
    said
      .map(([key, ...figures]) => {
        const wording: Wording = (OTHER[language.split('-')[0]?.toLowerCase() ?? ''] ?? ENGLISH)[key];
        return wording(figures);
      })
      .join(' ');
  if (languages.length === 0) return inLanguage('en');
  return Object.fromEntries(languages.map((language) => [language, inLanguage(language)]));
}
