package phone;

import java.util.LinkedHashMap;
import java.util.Map;
import org.javarosa.core.model.FormIndex;
import org.javarosa.form.api.FormEntryController;

/** The labels of a form's questions, as a person sees them. */
final class Labels {
    private final OpenForm form;

    Labels(OpenForm form) {
        this.form = form;
    }

    /** The labels of the questions that are asked, by their numbered paths. */
    Map<String, String> shown() {
        Map<String, String> labels = new LinkedHashMap<>();
        FormEntryController controller = form.controller;
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        for (int event; (event = controller.stepToNextEvent()) != FormEntryController.EVENT_END_OF_FORM; ) {
            if (event != FormEntryController.EVENT_QUESTION) continue;
            FormIndex at = form.model.getFormIndex();
            labels.put(form.numbered(at.getReference()), String.valueOf(form.prompt(at).getQuestionText()));
        }
        return labels;
    }
}
